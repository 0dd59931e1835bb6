import type { TeamView } from '@hydra/protocol'
import type { TeamRoute } from './team-story-server.ts'

/** Who may ask for something, and of whom: a team is named by a member. */
export interface Aim {
  readonly who: string
  readonly whom: string
}

/** The requests of a kind that are likely to be granted as teams are at the moment. */
export function aimsOf(
  route: TeamRoute,
  teams: readonly TeamView[],
  rids: readonly string[],
): readonly Aim[] {
  const alone = rids.filter((rid) => !teams.some(({ members }) => members.some((one) => one.rid === rid)))
  const ofLeaders = (whoms: (team: TeamView) => readonly string[]) =>
    teams.flatMap((team) => whoms(team).map((whom) => ({ who: team.leaderRid, whom })))
  const ridsOf = (list: readonly { readonly rid: string }[]) => list.map(({ rid }) => rid)
  const toLeaders = (whos: (team: TeamView) => readonly string[]) =>
    teams.flatMap((team) => whos(team).map((who) => ({ who, whom: team.leaderRid })))
  switch (route) {
    case 'game.team.create':
      return alone.map((who) => ({ who, whom: who }))
    case 'game.team.invite':
      return ofLeaders(() => alone)
    case 'game.team.uninvite':
      return ofLeaders(({ invitations }) => ridsOf(invitations))
    case 'game.team.approve':
    case 'game.team.reject':
      return ofLeaders(({ applications }) => ridsOf(applications))
    case 'game.team.kick':
    case 'game.team.handOver':
    case 'game.team.disband':
      return ofLeaders(({ members, leaderRid }) => ridsOf(members).filter((rid) => rid !== leaderRid))
    case 'game.team.accept':
    case 'game.team.decline':
      return toLeaders(({ invitations }) => ridsOf(invitations))
    case 'game.team.cancel':
      return toLeaders(({ applications }) => ridsOf(applications))
    case 'game.team.apply':
      return toLeaders(() => alone)
    default:
      return toLeaders(({ members }) => ridsOf(members))
  }
}
