/**
 * What the scripts of a channel have in common. Keys: `chat:{c}`, `:log`, `:deleted`, and `chat-unarchived`.
 *
 * A number orders what a time cannot: `at` of a message is the latest `sentAtMs` up to it, so it never falls along the
 * numbers, and what is too old is always the beginning of the channel. Lua would print large numbers as 1.7e+15, hence
 * the format.
 */
const luaChannel = `
local function text(number) return string.format('%.0f', number) end
local function seq_of(id) return tonumber(string.match(id, '^%d+')) end

-- Number and age of an entry, and of a deleted message.
local function of_entry(entry)
  if entry then return seq_of(entry[1]), tonumber(entry[2][2]) end
end
local function of_deleted(member)
  if member then
    local seq, at = string.match(member, '^(%d+) (%d+)')
    return tonumber(seq), tonumber(at)
  end
end

-- The first message from a number on.
local function next_message(seq)
  local from = text(seq)
  local kept, kept_at = of_entry(redis.call('xrange', KEYS[2], from, '+', 'COUNT', 1)[1])
  local gone, gone_at = of_deleted(redis.call('zrangebyscore', KEYS[3], from, '+inf', 'LIMIT', 0, 1)[1])
  if not gone or (kept and kept < gone) then return kept, kept_at end
  return gone, gone_at
end

-- From this number on messages are young enough, or wait for the archive. Found by halving.
local function first_shown(last, archived, oldest)
  local high = archived or last
  local low, at = next_message(0)
  if not low or low > high or at >= oldest then return 0 end
  low = low + 1
  while low <= high do
    local middle = math.floor((low + high) / 2)
    local seq, at = next_message(middle)
    if not seq or seq > high or at >= oldest then high = middle - 1 else low = seq + 1 end
  end
  return low
end

-- A dead channel goes when its newest message is too old.
local function expire(at, age_max, now)
  local left = text(at + age_max - now)
  redis.call('pexpire', KEYS[2], left)
  redis.call('pexpire', KEYS[3], left)
end
`

/** Old messages that one append drops at most: a channel that was full needs several. */
const agedPerAppendMax = 1_000

/**
 * Appends a batch. Keys of message ids follow the four; five arguments for each draft, the last one the place of its key
 * or 0. First it is decided what each draft becomes, then all is written: so it is all of them or none.
 *
 * Answers 0 and what each draft is: a number, and `draft`, `kept`, `deleted` or `gone` if it repeats another one; or 1
 * and the last number: the ceiling, or no floor (-1) for a channel that is not known; or 2: full. A channel has a
 * \`life\`, so that after it was forgotten its message ids mean nothing.
 */
export const chatAppendLua = `${luaChannel}
local channel, archive = ARGV[1], ARGV[7] == '1'
local now, age_max, messages_max = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local ceiling, repeat_ms, known_seq = tonumber(ARGV[5]), tonumber(ARGV[8]), tonumber(ARGV[9])

local last, at, life = unpack(redis.call('hmget', KEYS[1], 'seq', 'at', 'life'))
last, at = tonumber(last), tonumber(at)
local is_new = not last
if is_new then
  -- A loss that was not complete can have left messages behind: their numbers are taken.
  local kept, kept_at = of_entry(redis.call('xrevrange', KEYS[2], '+', '-', 'COUNT', 1)[1])
  local gone, gone_at = of_deleted(redis.call('zrevrange', KEYS[3], 0, 0)[1])
  last = math.max(tonumber(ARGV[6]), kept or 0, gone or 0)
  at = math.max(kept_at or 0, gone_at or 0)
  if tonumber(ARGV[6]) < 0 then return { 1, math.max(last, known_seq) } end
  local time = redis.call('time')
  life = time[1] .. '.' .. time[2]
end
last = math.max(last, known_seq)
local before = last

local function stored(seq)
  local id = text(seq)
  local entry = redis.call('xrange', KEYS[2], id, id)[1]
  if entry then return { seq, 'kept', entry[2] } end
  local member = redis.call('zrangebyscore', KEYS[3], id, id)[1]
  if member then return { seq, 'deleted', member } end
  return { seq, 'gone' }
end

local answers, first_with = {}, {}
for place = 1, (#ARGV - 9) / 5 do
  local key = KEYS[tonumber(ARGV[9 + place * 5])]
  local first = key and first_with[key]
  if first then
    answers[place] = { answers[first][1], 'draft', first }
  else
    local noted = key and redis.call('get', key)
    if noted then
      local seq, noted_at, noted_life = string.match(noted, '^(%d+) (%d+) (.+)$')
      if noted_life == life and now - tonumber(noted_at) < repeat_ms then
        answers[place] = stored(tonumber(seq))
      end
    end
    if not answers[place] then
      last = last + 1
      answers[place] = { last }
      if key then first_with[key] = place end
    end
  end
end
if last == before then return { 0, answers } end

local archived = tonumber(redis.call('zscore', KEYS[4], channel))
if not archived and archive then archived = before end
if archived and last - archived > messages_max then return { 2 } end
if last > ceiling then return { 1, before } end

for place = 1, #answers do
  if #answers[place] == 1 then
    local seq, arg = text(answers[place][1]), 4 + place * 5
    local from, body, sent, data, key = ARGV[arg + 1], ARGV[arg + 2], ARGV[arg + 3], ARGV[arg + 4], ARGV[arg + 5]
    at = math.max(at, tonumber(sent))
    redis.call('xadd', KEYS[2], seq .. '-0', 'at', text(at), 'from', from, 'text', body, 'sent', sent, 'data', data)
    if key ~= '0' then
      redis.call('set', KEYS[tonumber(key)], seq .. ' ' .. text(now) .. ' ' .. life, 'PX', repeat_ms)
    end
  end
end
redis.call('hset', KEYS[1], 'seq', text(last), 'at', text(at), 'life', life)
if is_new then redis.call('hset', KEYS[1], 'base', text(before)) end
if archived then redis.call('zadd', KEYS[4], text(archived), channel) end

local aged = first_shown(last, archived, now - age_max)
if aged > 0 then aged = math.min(aged, next_message(0) + ${agedPerAppendMax}) end
local keep = text(math.max(aged, last - messages_max + 1, 0))
redis.call('xtrim', KEYS[2], 'MINID', '=', keep)
redis.call('zremrangebyscore', KEYS[3], '-inf', '(' .. keep)
if archived then
  redis.call('persist', KEYS[2])
  redis.call('persist', KEYS[3])
else
  expire(at, age_max, now)
end
return { 0, answers }
`

/** Entries and deleted messages from one number to another, forwards or backwards: at most a page of each. */
export const chatPageLua = `${luaChannel}
local channel, oldest, low, limit, forwards = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[5], ARGV[6] == '1'
local last = tonumber(redis.call('hget', KEYS[1], 'seq'))
if not last then return { {}, {} } end
local high = math.min(last, tonumber(ARGV[4]))
low = math.max(low, first_shown(last, tonumber(redis.call('zscore', KEYS[4], channel)), oldest))
if low > high then return { {}, {} } end
local from, to = text(low), text(high)
if forwards then
  return {
    redis.call('xrange', KEYS[2], from, to, 'COUNT', limit),
    redis.call('zrangebyscore', KEYS[3], from, to, 'LIMIT', 0, limit),
  }
end
return {
  redis.call('xrevrange', KEYS[2], to, from, 'COUNT', limit),
  redis.call('zrevrangebyscore', KEYS[3], to, from, 'LIMIT', 0, limit),
}
`

/** Takes an entry out and notes who had sent it when. What is too old is deleted too, but was not there any more. */
export const chatDeleteLua = `${luaChannel}
local channel, seq, oldest = ARGV[1], ARGV[2], tonumber(ARGV[3])
local last = tonumber(redis.call('hget', KEYS[1], 'seq'))
local entry = redis.call('xrange', KEYS[2], seq, seq)[1]
if not last or (not entry and redis.call('zcount', KEYS[3], seq, seq) == 0) then return 0 end
local archived = tonumber(redis.call('zscore', KEYS[4], channel))
local shown = tonumber(seq) >= first_shown(last, archived, oldest)
if entry then
  redis.call('xdel', KEYS[2], entry[1])
  local fields = entry[2]
  redis.call('zadd', KEYS[3], seq, table.concat({ seq, fields[2], fields[8], fields[4] }, ' '))
  local left = redis.call('pttl', KEYS[2])
  if left > 0 then redis.call('pexpire', KEYS[3], left) end
end
return shown and 1 or 0
`

/** The archive has everything up to a number. */
export const chatArchivedLua = `${luaChannel}
local channel, seq, now, age_max = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local archived = tonumber(redis.call('zscore', KEYS[4], channel))
if not archived then return end
local last, at = unpack(redis.call('hmget', KEYS[1], 'seq', 'at'))
if seq >= tonumber(last or 0) then
  redis.call('zrem', KEYS[4], channel)
  expire(tonumber(at or 0), age_max, now)
elseif seq > archived then
  redis.call('zadd', KEYS[4], text(seq), channel)
end
`
