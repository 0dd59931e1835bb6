import type { GameHandler } from '../game.ts'
import type { TeamDecision } from './change-team.ts'
import { apply as rule } from './requests.ts'
import { alreadyInTeam, isMember, teamNotFound } from './team.ts'

/** Who is in a team cannot apply to another. */
export const apply: GameHandler<'game.team.apply'> =
  ({ actors, teams }) =>
  (context, { member }) =>
    actors.run(context, context.session.rid, async ({ state }) => {
      const { rid } = state
      if ((await teams.ofRole(rid)) !== undefined) throw alreadyInTeam(rid)
      const decide: TeamDecision = (team, { nowMs }) => rule(team, state, teams.settings, nowMs)
      const team = await teams.changes.changeOf(member, decide, teamNotFound)
      return { teamId: team.teamId, isMember: isMember(team, rid) }
    })
