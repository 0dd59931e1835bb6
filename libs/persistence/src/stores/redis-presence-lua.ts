/** What is noted of a role, in the order in which scripts answer it. */
export const presenceFields = [
  'uid',
  'name',
  'level',
  'gateId',
  'sessionId',
  'sessionEpoch',
  'world',
  'allianceId',
  'teamId',
  'silencedUntilMs',
] as const

/**
 * Which gate and which shard a role is noted at is known from its record only, so scripts make these keys themselves:
 * of the prefix in `ARGV[1]` and what `redis-keys.ts` says behind it. Of the shards of a zone a bitmap has those that
 * are full, so that the first one with room is found at once, however many there are. When shards may be larger from now on, a full
 * one takes more once somebody has left it.
 */
const luaPresence = `
local prefix = ARGV[1]
local function noted(key)
  return redis.call('hmget', key, ${presenceFields.map((name) => `'${name}'`).join(', ')})
end
local function leave_gate(gate, rid)
  local at = prefix .. 'presence-at:' .. gate
  redis.call('zrem', at, rid)
  if redis.call('exists', at) == 0 then redis.call('srem', prefix .. 'presence-gates', gate) end
end
local function enter_gate(gate, rid)
  redis.call('zadd', prefix .. 'presence-at:' .. gate, 0, rid)
  redis.call('sadd', prefix .. 'presence-gates', gate)
end
local function enter_world(zone, roles_max, rid)
  local full = prefix .. 'world-full:' .. zone
  while true do
    local bit = redis.call('bitpos', full, 0)
    local shard = prefix .. 'world:' .. zone .. ':' .. (bit + 1)
    local roles = redis.call('scard', shard)
    if roles + 1 >= roles_max then redis.call('setbit', full, bit, 1) end
    if roles < roles_max then
      redis.call('sadd', shard, rid)
      return zone .. '-' .. (bit + 1)
    end
  end
end
local function leave_world(world, rid)
  local zone, number = string.match(world, '^(.*)%-(%d+)$')
  local full = prefix .. 'world-full:' .. zone
  redis.call('srem', prefix .. 'world:' .. zone .. ':' .. number, rid)
  if redis.call('exists', full) == 1 then
    redis.call('setbit', full, number - 1, 0)
    if redis.call('bitcount', full) == 0 then redis.call('del', full) end
  end
end
`

/** ARGV: prefix, rid, sessionEpoch, gateId, zone, rolesMax, then fields and values of the arrival. */
export const enterLua = `${luaPresence}
local rid, epoch, gate = ARGV[2], ARGV[3], ARGV[4]
local old_epoch, old_gate, world = unpack(redis.call('hmget', KEYS[1], 'sessionEpoch', 'gateId', 'world'))
if old_epoch and tonumber(old_epoch) > tonumber(epoch) then return {} end
if old_gate and old_gate ~= gate then leave_gate(old_gate, rid) end
if not world then
  world = enter_world(ARGV[5], tonumber(ARGV[6]), rid)
  redis.call('hset', KEYS[1], 'world', world, 'silencedUntilMs', 0)
end
if old_gate ~= gate then enter_gate(gate, rid) end
redis.call('hset', KEYS[1], 'sessionEpoch', epoch, 'gateId', gate, unpack(ARGV, 7))
return noted(KEYS[1])
`

/** ARGV: prefix, then fields and values; an empty value removes the field. */
export const updateLua = `${luaPresence}
if redis.call('exists', KEYS[1]) == 0 then return {} end
for at = 2, #ARGV, 2 do
  if ARGV[at + 1] == '' then
    redis.call('hdel', KEYS[1], ARGV[at])
  else
    redis.call('hset', KEYS[1], ARGV[at], ARGV[at + 1])
  end
end
return noted(KEYS[1])
`

/** KEYS: the record, `last-seen`. ARGV: prefix, rid, sessionEpoch, atMs, oldest atMs to keep, how many to remove. */
export const leaveLua = `${luaPresence}
local rid = ARGV[2]
local removed = noted(KEYS[1])
local epoch, gate, world = removed[6], removed[4], removed[7]
if not epoch or tonumber(epoch) > tonumber(ARGV[3]) then return {} end
redis.call('del', KEYS[1])
leave_gate(gate, rid)
leave_world(world, rid)
redis.call('zadd', KEYS[2], ARGV[4], rid)
local old = redis.call('zrange', KEYS[2], '-inf', '(' .. ARGV[5], 'BYSCORE', 'LIMIT', 0, ARGV[6])
if #old > 0 then redis.call('zrem', KEYS[2], unpack(old)) end
return removed
`

/** Of one moment, so that a page is only short when it is the last. ARGV: prefix, from (as `ZRANGE BYLEX`), limit. */
export const atGateLua = `${luaPresence}
local rids = redis.call('zrange', KEYS[1], ARGV[2], '+', 'BYLEX', 'LIMIT', 0, ARGV[3])
local found = {}
for place, rid in ipairs(rids) do found[place] = noted(prefix .. 'presence:' .. rid) end
return { rids, found }
`

/** KEYS: presences. Answers for each whether it is there; one call costs less than as many of them do. */
export const onlineLua = `
local found = {}
for index, key in ipairs(KEYS) do found[index] = redis.call('exists', key) end
return found
`
