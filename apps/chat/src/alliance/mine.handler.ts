import type { ChatHandler } from '../chat.ts'
import { ownViewOf } from './views.ts'

/** Which alliance it is comes from the database, so that the answer is right while a change is under way. */
export const mine: ChatHandler<'chat.alliance.mine'> =
  ({ alliances, rosters, config }) =>
  async ({ session }) => {
    const [membership] = await alliances.memberships([session.rid])
    const roster = membership === undefined ? undefined : await rosters.get(membership.allianceId)
    if (membership === undefined || roster === undefined) return {}
    return { alliance: ownViewOf(roster, config.alliance.capacities), rank: membership.rank }
  }
