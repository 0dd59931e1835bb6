import type { ChatHandler } from '../chat.ts'
import { presenceStates } from '../presence/presence-states.ts'
import { allianceNotFound } from './alliance.ts'
import { membersOf } from './views.ts'

/** Needs presence: without it nobody knows who is online. */
export const members: ChatHandler<'chat.alliance.members'> =
  (chat) =>
  async (_context, { allianceId }) => {
    const roster = await chat.rosters.get(allianceId)
    if (roster === undefined) throw allianceNotFound(allianceId)
    const states = await presenceStates(
      chat,
      roster.members.map(({ rid }) => rid),
    )
    return { members: membersOf(roster, states) }
  }
