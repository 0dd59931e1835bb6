import type { ChatHandler } from '../chat.ts'
import { endPresence } from './end-presence.ts'

/** Repeating it does no harm, nor does one that comes late: a newer session stays. */
export const leave: ChatHandler<'chat.presence.leave'> =
  (chat) =>
  async (_context, { rid, sessionEpoch }) => {
    const left = await endPresence(chat, rid, sessionEpoch)
    chat.metrics.leaves.inc({ outcome: left === undefined ? 'absent' : 'left' })
    return {}
  }
