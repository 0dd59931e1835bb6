import { channelsOnEnter } from '../channel/channel.ts'
import type { ChatHandler } from '../chat.ts'

/**
 * Presence first: it is what keeps an older session out. If the session then turns out to be gone, or its gate does
 * not answer, the presence is taken back, so that nobody is noted as present who receives nothing.
 */
export const enter: ChatHandler<'chat.presence.enter'> =
  ({ presence, topics, metrics }) =>
  async (_context, role) => {
    if (!(await presence.enter(role))) {
      metrics.joins.inc({ outcome: 'superseded' })
      return { channels: [] }
    }
    let joined = false
    try {
      joined = await topics.join(role, channelsOnEnter)
    } finally {
      if (!joined) await presence.leave(role.rid, role.sessionEpoch)
      metrics.joins.inc({ outcome: joined ? 'joined' : 'not-joined' })
    }
    return { channels: joined ? channelsOnEnter.map(({ name }) => name) : [] }
  }
