import { chatTeamLimits, type ChatTeams } from './chat-teams.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { RedisLink } from './redis-link.ts'

/**
 * KEYS: the team. ARGV: version, time to live, most who have left, team id, prefix of members' keys, members, each once.
 * Members' keys are made from the prefix, because who leaves is known only here.
 */
const replaceLua = `
local function list(field) return cjson.decode(redis.call('hget', KEYS[1], field) or '[]') end
local function json(rids) return #rids == 0 and '[]' or cjson.encode(rids) end
local version, keep_ms, left_max, team, prefix = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local rids, now = {}, {}
for index = 6, #ARGV do
  rids[#rids + 1] = ARGV[index]
  now[ARGV[index]] = true
end
local members = list('rids')
local known = tonumber(redis.call('hget', KEYS[1], 'version') or '-1')
if known >= tonumber(version) then
  local same = known == tonumber(version) and #members == #rids
  for _, rid in ipairs(members) do same = same and now[rid] end
  return same and { rids, list('left') }
end
local before, joined, left, noted = {}, {}, {}, {}
local function leave(rid)
  if not now[rid] and not noted[rid] then left[#left + 1] = rid end
  noted[rid] = true
end
for _, rid in ipairs(list('left')) do leave(rid) end
for _, rid in ipairs(members) do
  if redis.call('get', prefix .. rid) == team then
    before[rid] = true
    leave(rid)
    if not now[rid] then redis.call('del', prefix .. rid) end
  end
end
while #left > left_max do table.remove(left, 1) end
for _, rid in ipairs(rids) do
  if not before[rid] then joined[#joined + 1] = rid end
  redis.call('set', prefix .. rid, team, 'PX', keep_ms)
end
redis.call('hset', KEYS[1], 'version', version, 'rids', json(rids), 'left', json(left))
redis.call('pexpire', KEYS[1], keep_ms)
return { joined, left }
`

const settledLua = `
if redis.call('hget', KEYS[1], 'version') == ARGV[1] then redis.call('hdel', KEYS[1], 'left') end
`

/** Teams in Redis: a hash for each, and for each member the team that it is in. */
export function createRedisChatTeams(link: RedisLink, keys: RedisKeys): ChatTeams {
  const settled = link.script('hydraChatTeamSettled', 1, settledLua)
  const replace = link.script('hydraChatTeamReplace', 1, replaceLua)
  return {
    async replace(teamId, version, rids) {
      const { keepMs, leftMax } = chatTeamLimits
      const changed = await replace.call(
        keys.chatTeam(teamId),
        version,
        keepMs,
        leftMax,
        teamId,
        keys.chatTeamOf(''),
        ...new Set(rids),
      )
      if (!Array.isArray(changed)) return undefined
      const [joined, left] = changed as [string[], string[]]
      return { joined, left }
    },
    async settled(teamId, version) {
      await settled.call(keys.chatTeam(teamId), version)
    },
    teamOf: async (rid) => (await link.run((redis) => redis.get(keys.chatTeamOf(rid)))) ?? undefined,
  }
}
