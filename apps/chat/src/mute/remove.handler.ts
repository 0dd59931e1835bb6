import type { ChatHandler } from '../chat.ts'
import { changeMuted } from './mutes.ts'

/** Also of roles that are no more. */
export const remove: ChatHandler<'chat.mute.remove'> =
  ({ objects }) =>
  async ({ session }, { rid }) => ({ rids: [...(await changeMuted(objects, session.rid, rid, false))] })
