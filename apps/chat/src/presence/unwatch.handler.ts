import type { ChatHandler } from '../chat.ts'
import { topicsOfAll } from './watch.handler.ts'

/** Members of the same alliance are still told of each other: that is a matter of the alliance. */
export const unwatch: ChatHandler<'chat.presence.unwatch'> =
  ({ topics }) =>
  async ({ session }, { rids }) => {
    await topics.leave(session, topicsOfAll(rids))
    return {}
  }
