import { HydraError } from '@hydra/protocol'
import type { ChatHandler } from '../chat.ts'
import { changeMuted } from './mutes.ts'

/** Only roles that exist, so that a list cannot be filled with anything. */
export const add: ChatHandler<'chat.mute.add'> =
  ({ objects, storedRole }) =>
  async ({ session }, { rid }) => {
    if (rid === session.rid || (await storedRole(rid)) === undefined) {
      throw new HydraError('ROLE_NOT_FOUND', 'There is no other role of this id.', { metadata: { rid } })
    }
    return { rids: [...(await changeMuted(objects, session.rid, rid, true))] }
  }
