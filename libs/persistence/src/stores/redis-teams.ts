import type { JsonObject } from '../role-snapshot.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { RedisLink, RedisScript, ScriptParameter } from './redis-link.ts'
import { getLua, ofRoleLua, putLua, seenLua, toldLua, untoldLua } from './redis-teams-lua.ts'
import { teamLimits, type FoundTeam, type TeamStore } from './teams.ts'

/** A hash of each team, one of when its members were seen, the team of each role, and which teams are to be told of. */
export function createRedisTeams(link: RedisLink, keys: RedisKeys): TeamStore {
  const define = (name: string, lua: string): RedisScript => {
    const script = link.script(`hydraTeam${name}`, 1, lua)
    const prefixes = [keys.team(''), keys.teamMembers(''), keys.teamOf('')]
    const call = (...given: readonly ScriptParameter[]) =>
      script.call(keys.teamsUntold, ...prefixes, ...given)
    return { call }
  }
  const get = define('Get', getLua)
  const ofRole = define('OfRole', ofRoleLua)
  const put = define('Put', putLua)
  const told = define('Told', toldLua)
  const untold = define('Untold', untoldLua)
  const seen = define('Seen', seenLua)
  const keepMs = [teamLimits.keepMs, teamLimits.keepMs + ofRoleSlackMs]
  return {
    get: async (teamId) => found(await get.call(teamId)),
    ofRole: async (rid) => found(await ofRole.call(rid)),
    async put({ teamId, version, rids, data }, { atMs, tellAgainAtMs }) {
      const given = [teamId, version, JSON.stringify(data), atMs, tellAgainAtMs, ...keepMs, ...rids]
      const [stored, taken] = (await put.call(...given)) as [number, string?]
      return stored === 1 ? { stored: true } : { stored: false, taken }
    },
    async told(teamId, version) {
      await told.call(teamId, version)
    },
    untold: async (atMs, againAtMs, limit) => (await untold.call(atMs, againAtMs, limit)) as string[],
    async seen(rids, atMs) {
      if (rids.length === 0) return []
      const teams = (await seen.call(atMs, ...keepMs, ...rids)) as [string, string, string][]
      return teams.map(([teamId, changed, least]) => ({
        teamId,
        changedAtMs: Number(changed),
        leastSeenAtMs: Number(least),
      }))
    },
  }
}

/** By how much the team of a role outlives the team, which is what tells whether it has the role. */
const ofRoleSlackMs = 3_600_000

type Answer = readonly [string, string, string, string, string, string, readonly string[]]

function found(answer: unknown): FoundTeam | undefined {
  if (!Array.isArray(answer)) return undefined
  const [teamId, version, rids, data, changed, due, seen] = answer as unknown as Answer
  const seenAtMs = new Map<string, number>()
  for (let place = 0; place < seen.length; place += 2)
    seenAtMs.set(String(seen[place]), Number(seen[place + 1]))
  return {
    teamId,
    version: Number(version),
    rids: rids === '' ? [] : rids.split(' '),
    data: JSON.parse(data) as JsonObject,
    changedAtMs: Number(changed),
    told: due === '',
    seenAtMs,
  }
}
