import {
  allianceViewLimits as bounds,
  type AllianceChangeMark,
  type AllianceRoster,
  type AllianceViews,
} from './alliance-views.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { RedisLink, ScriptParameter } from './redis-link.ts'

/** Whether a change is under way whose mark has not expired, and below which version no roster is taken. */
const viewLua = `
local function is_changing(changes)
  local time = redis.call('time')
  local now = string.format('(%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
  return redis.call('zcount', changes, now, '+inf') > 0
end
local function version_of(view)
  return tonumber(redis.call('hget', view, 'version') or '0')
end
`

/** KEYS: view, changes of the alliance, changes of all, marks. ARGV: token, expiry, mark. */
const beginLua = `
redis.call('hdel', KEYS[1], 'roster')
redis.call('zadd', KEYS[2], ARGV[2], ARGV[1])
local last = redis.call('zrange', KEYS[2], -1, -1, 'WITHSCORES')
redis.call('pexpireat', KEYS[2], string.format('%.0f', last[2]))
redis.call('zadd', KEYS[3], ARGV[2], ARGV[1])
redis.call('hset', KEYS[4], ARGV[1], ARGV[3])
return 1
`

/** KEYS: as above. ARGV: token, and if the change has left a roster: version, roster, how long it is kept. */
const finishLua = `${viewLua}
redis.call('zrem', KEYS[2], ARGV[1])
redis.call('zrem', KEYS[3], ARGV[1])
redis.call('hdel', KEYS[4], ARGV[1])
if not ARGV[2] or version_of(KEYS[1]) > tonumber(ARGV[2]) then return 0 end
-- Also when another change is under way: if that fails, nobody may put what was read before this one.
redis.call('hset', KEYS[1], 'version', ARGV[2])
redis.call('pexpire', KEYS[1], ARGV[4])
if is_changing(KEYS[2]) then return 0 end
return redis.call('hset', KEYS[1], 'roster', ARGV[3])
`

/** KEYS: view, changes of the alliance. ARGV: version, roster, how long it is kept. */
const putLua = `${viewLua}
if is_changing(KEYS[2]) or version_of(KEYS[1]) > tonumber(ARGV[1]) then return 0 end
redis.call('hset', KEYS[1], 'version', ARGV[1], 'roster', ARGV[2])
return redis.call('pexpire', KEYS[1], ARGV[3])
`

/** KEYS: view. ARGV: a version that no alliance reaches, how long it stands there. */
const dropLua = `
redis.call('hdel', KEYS[1], 'roster')
redis.call('hset', KEYS[1], 'version', ARGV[1])
return redis.call('pexpire', KEYS[1], ARGV[2])
`

/** KEYS: changes of all, marks. ARGV: now, limit. */
const expiredLua = `
local tokens = redis.call('zrangebyscore', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
if #tokens == 0 then return {} end
return redis.call('hmget', KEYS[2], unpack(tokens))
`

/** Most marks of one answer: Lua hands no more than some thousand values on. */
const expiredMax = 1_000

/** Views of alliances in Redis. Marks expire by the clock of Redis. */
export function createRedisAllianceViews(link: RedisLink, keys: RedisKeys): AllianceViews {
  const begin = link.script('hydraAllianceBegin', 4, beginLua)
  const finish = link.script('hydraAllianceFinish', 4, finishLua)
  const put = link.script('hydraAlliancePut', 2, putLua)
  const drop = link.script('hydraAllianceDrop', 1, dropLua)
  const expired = link.script('hydraAllianceExpired', 2, expiredLua)
  const { alliance, allianceChanges, allianceChangesOfAll, allianceChangeMarks } = keys
  const keysOf = (allianceId: string): readonly ScriptParameter[] => [
    alliance(allianceId),
    allianceChanges(allianceId),
    allianceChangesOfAll,
    allianceChangeMarks,
  ]
  const view = (roster: AllianceRoster): readonly ScriptParameter[] => [
    roster.alliance.version,
    JSON.stringify(roster),
    bounds.keptMs,
  ]
  return {
    async begin({ token, allianceId, rids }, expiresAtMs) {
      const mark = JSON.stringify({ token, allianceId, rids } satisfies AllianceChangeMark)
      await begin.call(...keysOf(allianceId), token, expiresAtMs, mark)
    },
    async finish({ token, allianceId }, roster) {
      await finish.call(...keysOf(allianceId), token, ...(roster === undefined ? [] : view(roster)))
    },
    async get(allianceId) {
      const text = await link.run((redis) => redis.hget(alliance(allianceId), 'roster'))
      return text === null ? undefined : (JSON.parse(text) as AllianceRoster)
    },
    async put(roster) {
      const { allianceId } = roster.alliance
      await put.call(alliance(allianceId), allianceChanges(allianceId), ...view(roster))
    },
    async drop(allianceId) {
      await drop.call(alliance(allianceId), Number.MAX_SAFE_INTEGER, bounds.goneMs)
    },
    async expired(nowMs, limit) {
      const count = Math.min(limit, expiredMax)
      const marks = await expired.call(allianceChangesOfAll, allianceChangeMarks, nowMs, count)
      return (marks as readonly (string | null)[]).flatMap((mark) =>
        mark === null ? [] : (JSON.parse(mark) as AllianceChangeMark),
      )
    },
  }
}
