/**
 * The next epoch of the counter in `key`: microseconds since 1970, or the last one plus one. It grows with each call,
 * and across a loss of the store with the clock. Lua would print such numbers as 1.7e+15, hence the format.
 */
export const luaNextEpoch = `
local function next_epoch(key, at_least)
  local time = redis.call('time')
  local last = tonumber(redis.call('get', key) or '0')
  local epoch = math.max(last + 1, at_least or 0, time[1] * 1000000 + time[2])
  local text = string.format('%.0f', epoch)
  redis.call('set', key, text)
  return text
end
`
