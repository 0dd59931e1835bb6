import type { Presence, PresenceStore } from './presence-store.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { RedisLink } from './redis-link.ts'

const enterLua = `
local noted = redis.call('hget', KEYS[1], 'sessionEpoch')
if noted and tonumber(noted) > tonumber(ARGV[1]) then return 0 end
redis.call('hset', KEYS[1], 'sessionEpoch', ARGV[1], unpack(ARGV, 2))
return 1
`

const renameLua = `
if redis.call('exists', KEYS[1]) == 0 then return 0 end
redis.call('hset', KEYS[1], 'name', ARGV[1])
return 1
`

const leaveLua = `
local noted = redis.call('hget', KEYS[1], 'sessionEpoch')
if not noted or tonumber(noted) > tonumber(ARGV[1]) then return {} end
local removed = redis.call('hgetall', KEYS[1])
redis.call('del', KEYS[1])
return removed
`

/** Presence in Redis. */
export function createRedisPresenceStore(link: RedisLink, keys: RedisKeys): PresenceStore {
  const enter = link.script('hydraPresenceEnter', 1, enterLua)
  const rename = link.script('hydraPresenceRename', 1, renameLua)
  const leave = link.script('hydraPresenceLeave', 1, leaveLua)
  return {
    async enter({ rid, uid, name, gateId, sessionId, sessionEpoch }) {
      const rest = ['uid', uid, 'name', name, 'gateId', gateId, 'sessionId', sessionId]
      return (await enter.call(keys.presence(rid), sessionEpoch, ...rest)) === 1
    },
    get: async (rid) => toPresence(rid, await link.run((redis) => redis.hgetall(keys.presence(rid)))),
    rename: async (rid, name) => (await rename.call(keys.presence(rid), name)) === 1,
    async leave(rid, sessionEpoch) {
      const removed = (await leave.call(keys.presence(rid), sessionEpoch)) as readonly string[]
      const fields: Record<string, string> = {}
      for (let i = 0; i + 1 < removed.length; i += 2) fields[String(removed[i])] = String(removed[i + 1])
      return toPresence(rid, fields)
    },
  }
}

function toPresence(rid: string, fields: Readonly<Record<string, string>>): Presence | undefined {
  const { uid, name, gateId, sessionId, sessionEpoch } = fields
  if (
    uid === undefined ||
    name === undefined ||
    gateId === undefined ||
    sessionId === undefined ||
    sessionEpoch === undefined
  )
    return undefined
  return { rid, uid, name, gateId, sessionId, sessionEpoch: Number(sessionEpoch) }
}
