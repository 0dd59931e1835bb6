import { gather, hunt, inTurn, oneOf, rest, wander, type Behaviour, type Bot } from '@hydra/bots'
import { routes, type TeamView } from '@hydra/protocol'

const { team } = routes.game

/** What members of a team do that is to stay together: nothing that leaves it. */
export const friendly = (wanderCm: number): Behaviour =>
  oneOf([
    [4, inTurn(hunt(), gather())],
    [4, wander({ reachCm: wanderCm })],
    [3, rest(100, 900)],
  ])

/** Makes a team of bots, the first of them its leader. */
export async function befriend(friends: readonly Bot[]): Promise<TeamView> {
  const [leader, ...others] = friends
  if (leader === undefined) throw new Error('A team needs a leader.')
  await Promise.all(friends.map((bot) => bot.hold()))
  let { team: made } = await leader.actor.request(team.create, {})
  for (const { actor, rid } of others) {
    await leader.actor.request(team.invite, { rid })
    made = (await actor.request(team.accept, { teamId: made.teamId })).team
  }
  for (const bot of friends) bot.resume()
  return made
}

/** Who is in a team, and who leads it. */
export const membershipOf = (view: TeamView | null) =>
  view === null
    ? null
    : { teamId: view.teamId, leader: view.leaderRid, rids: view.members.map(({ rid }) => rid).sort() }

/** Teams of which two members have another picture. */
export async function quarrels(bots: readonly Bot[]): Promise<readonly string[]> {
  const teams = await Promise.all(bots.map(async ({ actor }) => (await actor.request(team.get, {})).team))
  const pictures = new Map<string, Set<string>>()
  for (const each of teams) {
    if (each === null) continue
    pictures.set(each.teamId, (pictures.get(each.teamId) ?? new Set()).add(JSON.stringify(each)))
  }
  return [...pictures].flatMap(([teamId, seen]) => (seen.size > 1 ? [teamId] : []))
}
