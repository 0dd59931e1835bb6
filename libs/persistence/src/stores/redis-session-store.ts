import type { RedisKeys } from './redis-keys.ts'
import type { RedisLink } from './redis-link.ts'
import { luaNextEpoch } from './redis-lua.ts'
import type { SessionRecord, SessionStore } from './session-store.ts'

const bindLua = `${luaNextEpoch}
local old = redis.call('hmget', KEYS[1], 'gateId', 'sessionId', 'epoch')
local epoch = next_epoch(KEYS[2], tonumber(old[3] or '-1') + 1)
redis.call('hset', KEYS[1], 'gateId', ARGV[1], 'sessionId', ARGV[2], 'epoch', epoch)
return { epoch, old[1], old[2], old[3] }
`

const releaseLua = `
if redis.call('hget', KEYS[1], 'sessionId') ~= ARGV[1] then return 0 end
return redis.call('del', KEYS[1])
`

type Fields = readonly (string | null)[]

/** Sessions in Redis. */
export function createRedisSessionStore(link: RedisLink, keys: RedisKeys): SessionStore {
  const bind = link.script('hydraSessionBind', 2, bindLua)
  const release = link.script('hydraSessionRelease', 1, releaseLua)
  return {
    async bind({ uid, gateId, sessionId }) {
      const answer = await bind.call(keys.session(uid), keys.sessionEpoch, gateId, sessionId)
      const [epoch, ...old] = answer as [string, ...Fields]
      return { epoch: Number(epoch), replaced: toRecord(uid, old) }
    },
    async get(uid) {
      const fields = await link.run((redis) => redis.hmget(keys.session(uid), 'gateId', 'sessionId', 'epoch'))
      return toRecord(uid, fields)
    },
    release: async (uid, sessionId) => (await release.call(keys.session(uid), sessionId)) === 1,
  }
}

function toRecord(uid: string, [gateId, sessionId, epoch]: Fields): SessionRecord | undefined {
  return gateId && sessionId && epoch ? { uid, gateId, sessionId, epoch: Number(epoch) } : undefined
}
