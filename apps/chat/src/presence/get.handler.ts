import type { ChatHandler } from '../chat.ts'
import { presenceStates } from './presence-states.ts'

/** Anybody may ask about anybody: that a role is online is no secret. */
export const get: ChatHandler<'chat.presence.get'> =
  (chat) =>
  async (_context, { rids }) => ({ roles: await presenceStates(chat, rids) })
