import type { AllianceRole } from '@hydra/persistence'
import { HydraError } from '@hydra/protocol'
import type { RoleSession } from '@hydra/rpc'
import { hasJoined } from '../channel/channel.ts'
import type { Chat } from '../chat.ts'

/** The role of a session that has joined chat. @throws HydraError `CHAT_NOT_JOINED`, `STORAGE_UNAVAILABLE`. */
export async function presentRole(chat: Pick<Chat, 'presence'>, session: RoleSession): Promise<AllianceRole> {
  const presence = await chat.presence.get(session.rid)
  if (presence === undefined || !hasJoined(session, presence)) {
    throw new HydraError('CHAT_NOT_JOINED', 'Join chat first: chat.channel.join.')
  }
  const { rid, uid, name, level } = presence
  return { rid, uid, name, level }
}

/** A role that somebody names. @throws HydraError `ROLE_NOT_FOUND`, `STORAGE_UNAVAILABLE`. */
export async function namedRole(chat: Pick<Chat, 'storedRole'>, rid: string): Promise<AllianceRole> {
  const role = await chat.storedRole(rid)
  if (role === undefined) {
    throw new HydraError('ROLE_NOT_FOUND', 'There is no such role.', { metadata: { rid } })
  }
  return role
}
