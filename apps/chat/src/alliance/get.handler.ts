import type { ChatHandler } from '../chat.ts'
import { allianceNotFound } from './alliance.ts'
import { viewOfRoster } from './views.ts'

/** Reads the view; without it the database, so that this works while the store of the views is away. */
export const get: ChatHandler<'chat.alliance.get'> =
  ({ rosters, config }) =>
  async (_context, { allianceId }) => {
    const roster = await rosters.get(allianceId)
    if (roster === undefined) throw allianceNotFound(allianceId)
    return { alliance: viewOfRoster(roster, config.alliance.capacities) }
  }
