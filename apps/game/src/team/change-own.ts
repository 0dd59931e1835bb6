import type { ClientCallContext, RoleSession } from '@hydra/rpc'
import type { Game } from '../game.ts'
import type { TeamMoment } from './change-team.ts'
import type { Team, TeamChange } from './team.ts'

/**
 * Changes the team of the role that calls, in that role's turn: it cannot leave the game meanwhile.
 *
 * @throws HydraError `NOT_IN_TEAM`, those of `actors.run` and of {@link TeamChanges.changeOf}, what `decide` throws.
 * @example changeOwn(game, context, (team, by) => kick(team, by, rid))
 */
export async function changeOwn(
  { actors, teams }: Pick<Game, 'actors' | 'teams'>,
  context: ClientCallContext<RoleSession>,
  decide: (team: Team, byRid: string, moment: TeamMoment) => TeamChange | undefined,
): Promise<{ readonly team: Team }> {
  return actors.run(context, context.session.rid, async ({ state: { rid } }) => ({
    team: await teams.changes.changeOf(rid, (team, moment) => decide(team, rid, moment)),
  }))
}
