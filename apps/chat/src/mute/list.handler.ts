import type { ChatHandler } from '../chat.ts'
import { mutedRoles } from './mutes.ts'

/** For the client, which leaves out what muted roles say in shared channels. */
export const list: ChatHandler<'chat.mute.list'> =
  ({ objects }) =>
  async ({ session }) => ({ rids: [...(await mutedRoles(objects, session.rid))] })
