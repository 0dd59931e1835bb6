/**
 * The keys that every script of teams makes: ARGV 1 to 3 are the prefixes of teams, of their members, and of the team of
 * a role. Whom a team has is known inside only. The team of a role outlives the team and is believed only if that has the
 * role, so that no moment of expiry can leave a role in two teams.
 */
const luaTeams = `
local function team_key(team) return ARGV[1] .. team end
local function members_key(team) return ARGV[2] .. team end
local function of_key(rid) return ARGV[3] .. rid end
local function team_of(rid)
  local team = redis.call('get', of_key(rid))
  if team and redis.call('hexists', members_key(team), rid) == 1 then return team end
  return nil
end
local function keep(team, rids, keep_ms, of_keep_ms)
  redis.call('pexpire', team_key(team), keep_ms)
  redis.call('pexpire', members_key(team), keep_ms)
  for _, rid in ipairs(rids) do redis.call('pexpire', of_key(rid), of_keep_ms) end
end
local function read(team)
  local version, rids, data, changed = unpack(redis.call('hmget', team_key(team), 'version', 'rids', 'data', 'at'))
  if not version then return nil end
  local due = redis.call('zscore', KEYS[1], team)
  return { team, version, rids, data, changed, due or '', redis.call('hgetall', members_key(team)) }
end
`

/** ARGV 4: team. */
export const getLua = `${luaTeams}
return read(ARGV[4])
`

/** ARGV 4: role. */
export const ofRoleLua = `${luaTeams}
local team = team_of(ARGV[4])
return team and read(team)
`

/** ARGV from 4: team, version, data, when it is put, when it is due, how long to keep it and the teams of its roles, members. */
export const putLua = `${luaTeams}
local team, version, data, at, due, keep_ms, of_keep_ms = unpack(ARGV, 4, 10)
local known = redis.call('hget', team_key(team), 'version') or '0'
if tonumber(known) + 1 ~= tonumber(version) then return { 0 } end
local rids, is_member = {}, {}
for index = 11, #ARGV do
  local rid = ARGV[index]
  local other = team_of(rid)
  if other and other ~= team then return { 0, rid } end
  rids[#rids + 1] = rid
  is_member[rid] = true
end
for _, rid in ipairs(redis.call('hkeys', members_key(team))) do
  if not is_member[rid] then
    redis.call('hdel', members_key(team), rid)
    redis.call('del', of_key(rid))
  end
end
for _, rid in ipairs(rids) do
  redis.call('hsetnx', members_key(team), rid, at)
  redis.call('set', of_key(rid), team)
end
redis.call('hset', team_key(team), 'version', version, 'rids', table.concat(rids, ' '), 'data', data, 'at', at)
keep(team, rids, keep_ms, of_keep_ms)
redis.call('zadd', KEYS[1], due, team)
return { 1 }
`

/** ARGV 4, 5: team, version. */
export const toldLua = `${luaTeams}
local team = ARGV[4]
if redis.call('hget', team_key(team), 'version') ~= ARGV[5] then return end
redis.call('zrem', KEYS[1], team)
if redis.call('exists', members_key(team)) == 0 then redis.call('del', team_key(team)) end
`

/** ARGV 4 to 6: up to when due, when due again, most of them. */
export const untoldLua = `${luaTeams}
local found = {}
for _, team in ipairs(redis.call('zrangebyscore', KEYS[1], '-inf', ARGV[4], 'LIMIT', 0, ARGV[6])) do
  if redis.call('exists', team_key(team)) == 1 then
    redis.call('zadd', KEYS[1], ARGV[5], team)
    found[#found + 1] = team
  else
    redis.call('zrem', KEYS[1], team)
  end
end
return found
`

/** ARGV from 4: when they were seen, how long to keep a team and the teams of its roles, roles. */
export const seenLua = `${luaTeams}
local teams, is_known = {}, {}
for index = 7, #ARGV do
  local team = team_of(ARGV[index])
  if team then
    redis.call('hset', members_key(team), ARGV[index], ARGV[4])
    if not is_known[team] then teams[#teams + 1] = team end
    is_known[team] = true
  end
end
local found = {}
for _, team in ipairs(teams) do
  local least, rids = ARGV[4], {}
  local members = redis.call('hgetall', members_key(team))
  for place = 1, #members, 2 do
    rids[#rids + 1] = members[place]
    if tonumber(members[place + 1]) < tonumber(least) then least = members[place + 1] end
  end
  keep(team, rids, ARGV[5], ARGV[6])
  found[#found + 1] = { team, redis.call('hget', team_key(team), 'at') or '0', least }
end
return found
`
