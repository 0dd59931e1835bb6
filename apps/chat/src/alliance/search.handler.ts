import type { ChatHandler } from '../chat.ts'
import { viewOf } from './views.ts'

/** Leaves out an alliance that has ended between the two reads. */
export const search: ChatHandler<'chat.alliance.search'> =
  ({ alliances, config }) =>
  async (_context, { text, limit, cursor }) => {
    const page = await alliances.search({ text, limit, ...(cursor === undefined ? {} : { cursor }) })
    const leaders = await alliances.memberships(page.alliances.map(({ leaderRid }) => leaderRid))
    return {
      alliances: page.alliances.flatMap((alliance, index) => {
        const leader = leaders[index]
        return leader === undefined ? [] : [viewOf(alliance, leader, config.alliance.capacities)]
      }),
      ...(page.next === undefined ? {} : { next: page.next }),
    }
  }
