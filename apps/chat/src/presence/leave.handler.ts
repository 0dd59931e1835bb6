import { channelsOnEnter } from '../channel/channel.ts'
import type { ChatHandler } from '../chat.ts'

/** The session usually is gone by now; one that goes on, with another role, stops receiving the channels of this one. */
export const leave: ChatHandler<'chat.presence.leave'> =
  ({ presence, topics, metrics }) =>
  async (_context, { rid, sessionEpoch }) => {
    const left = await presence.leave(rid, sessionEpoch)
    metrics.leaves.inc({ outcome: left === undefined ? 'absent' : 'left' })
    if (left !== undefined) await topics.leave(left, channelsOnEnter)
    return {}
  }
