import type { AllianceRoster, ListedRequest } from '@hydra/persistence'
import { isOnline, type AllianceAction } from './alliance-action.ts'
import type { AllianceWorld } from './alliance-world.ts'

/** What the alliances of a story are like when a step begins. Roles and alliances by their numbers. */
export interface Aims {
  readonly living: readonly number[]
  readonly free: readonly number[]
  readonly members: readonly Member[]
  readonly requests: readonly (Pair & { readonly kind: ListedRequest['kind'] })[]
}

interface Pair {
  readonly role: number
  readonly alliance: number
}
interface Member extends Pair {
  readonly rank: AllianceRoster['members'][number]['rank']
}

/** Reads what there is to aim at. */
export async function findAims(world: AllianceWorld): Promise<Aims> {
  const rosters = await world.rosters()
  const roleOf = (rid: string) => world.roles.findIndex((role) => world.rid(role) === rid)
  const members = rosters.flatMap((roster) =>
    roster.members.map(({ rid, allianceId, rank }) => ({
      role: roleOf(rid),
      alliance: world.founded.indexOf(allianceId),
      rank,
    })),
  )
  const open = await Promise.all(
    world.roles.map((role) => world.storage.alliances.requestsWith(world.rid(role))),
  )
  return {
    living: rosters.map(({ alliance }) => world.founded.indexOf(alliance.allianceId)),
    free: world.roles.filter((role) => !members.some((member) => member.role === role)),
    members,
    requests: open.flatMap((requests, role) =>
      requests.map(({ kind, allianceId }) => ({ kind, role, alliance: world.founded.indexOf(allianceId) })),
    ),
  }
}

/** The action with roles and alliances that it can have an effect on, where there are some. */
export function aim(action: AllianceAction, { living, free, members, requests }: Aims): AllianceAction {
  const pick = <T>(from: readonly T[], index: number): T | undefined => from[index % from.length]
  const own = members.filter(({ rank }) => rank !== 'member')
  const leaders = members.filter(({ rank }) => rank === 'leader')
  switch (action.do) {
    case 'create':
      return { ...action, role: pick(free.filter(isOnline), action.role) ?? action.role }
    case 'apply':
      return {
        ...action,
        role: pick(free.filter(isOnline), action.role) ?? action.role,
        alliance: pick(living, Math.abs(action.alliance)) ?? action.alliance,
      }
    case 'cancel':
    case 'accept':
    case 'decline': {
      const kind = action.do === 'cancel' ? 'application' : 'invitation'
      const open = requests.filter((request) => request.kind === kind)
      return { ...action, ...numbers(pick(open, action.role)) }
    }
    case 'approve':
    case 'reject':
    case 'uninvite': {
      const kind = action.do === 'uninvite' ? 'invitation' : 'application'
      const request = pick(
        requests.filter((each) => each.kind === kind),
        action.target,
      )
      if (request === undefined) return action
      const actors = own.filter(({ alliance }) => alliance === request.alliance)
      return { ...action, role: pick(actors, action.role)?.role ?? action.role, target: request.role }
    }
    case 'invite': {
      const applications = requests.filter(({ kind }) => kind === 'application')
      const application = action.role % 2 === 0 ? pick(applications, action.target) : undefined
      const actors = own.filter(({ alliance }) => alliance === application?.alliance)
      if (application !== undefined) {
        return { ...action, role: pick(actors, action.role)?.role ?? action.role, target: application.role }
      }
      return {
        ...action,
        role: pick(own, action.role)?.role ?? action.role,
        target: pick(free, action.target) ?? action.target,
      }
    }
    case 'kick':
    case 'promote':
    case 'demote':
    case 'handOver': {
      const wanted = action.do === 'demote' ? 'officer' : 'member'
      const target = pick(
        members.filter(({ rank }) => rank === wanted),
        action.target,
      )
      if (target === undefined) return action
      const actors = leaders.filter(({ alliance }) => alliance === target.alliance)
      return { ...action, role: pick(actors, action.role)?.role ?? action.role, target: target.role }
    }
    case 'leave': {
      const able = members.filter(({ rank }) => rank !== 'leader')
      return { ...action, role: pick(able, action.role)?.role ?? action.role }
    }
    case 'disband':
    case 'update':
      return { ...action, role: pick(own, action.role)?.role ?? action.role }
    case 'setLevel':
    case 'look':
      return { ...action, alliance: pick(living, Math.abs(action.alliance)) ?? action.alliance }
  }
}

const numbers = (pair: Pair | undefined): Partial<Pair> =>
  pair === undefined ? {} : { role: pair.role, alliance: pair.alliance }
