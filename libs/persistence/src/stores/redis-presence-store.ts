import { lastSeenTrimMax, type Presence, type PresenceChange, type PresenceStore } from './presence-store.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { RedisLink } from './redis-link.ts'
import { atGateLua, enterLua, leaveLua, onlineLua, presenceFields, updateLua } from './redis-presence-lua.ts'
import { storeLimits, type StoreLimits } from './stores.ts'

type Fields = readonly (string | null)[]

/** Presence in Redis: a record for each role, and indexes by gate and by shard of the world that change with it. */
export function createRedisPresenceStore(
  link: RedisLink,
  keys: RedisKeys,
  limits: StoreLimits = {},
): PresenceStore {
  const { lastSeenMaxMs } = { ...storeLimits, ...limits }
  const { prefix } = keys
  const enter = link.script('hydraPresenceEnter', 1, enterLua)
  const update = link.script('hydraPresenceUpdate', 1, updateLua)
  const leave = link.script('hydraPresenceLeave', 2, leaveLua)
  const atGate = link.script('hydraPresenceAtGate', 1, atGateLua)

  const online = link.script('hydraPresenceOnline', undefined, onlineLua)

  return {
    async enter({ rid, uid, name, level, gateId, sessionId, sessionEpoch }, { zone, rolesMax }) {
      const where = [rid, sessionEpoch, gateId, zone, rolesMax]
      const fields = ['uid', uid, 'name', name, 'level', level, 'sessionId', sessionId]
      return toPresence(rid, (await enter.call(keys.presence(rid), prefix, ...where, ...fields)) as Fields)
    },
    get: async (rid) =>
      toPresence(rid, await link.run((redis) => redis.hmget(keys.presence(rid), ...presenceFields))),
    async online(rids) {
      if (rids.length === 0) return []
      const found = await online.call(rids.length, ...rids.map((rid) => keys.presence(rid)))
      return (found as readonly number[]).map((exists) => exists === 1)
    },
    update: async (rid, change) =>
      toPresence(rid, (await update.call(keys.presence(rid), prefix, ...toFields(change))) as Fields),
    async leave(rid, sessionEpoch, atMs) {
      const trim = [atMs - lastSeenMaxMs, lastSeenTrimMax]
      const removed = await leave.call(
        keys.presence(rid),
        keys.lastSeen,
        prefix,
        rid,
        sessionEpoch,
        atMs,
        ...trim,
      )
      return toPresence(rid, removed as Fields)
    },
    async lastSeen(rids) {
      if (rids.length === 0) return []
      const scores = await link.run((redis) => redis.zmscore(keys.lastSeen, ...rids))
      return scores.map((score) => (score === null ? undefined : Number(score)))
    },
    gates: () => link.run((redis) => redis.smembers(keys.presenceGates)),
    async atGate(gateId, limit, afterRid) {
      const from = afterRid === undefined ? '-' : `(${afterRid}`
      const answer = await atGate.call(keys.presenceAt(gateId), prefix, from, limit)
      const [rids, found] = answer as [readonly string[], readonly Fields[]]
      return rids
        .map((rid, index) => toPresence(rid, found[index] ?? []))
        .filter((presence) => presence !== undefined)
    },
  }
}

/** No value is an empty text: these stand for what is to be removed. */
const toFields = (change: PresenceChange): (string | number)[] =>
  Object.entries(change as Readonly<Record<string, string | number | null | undefined>>).flatMap(
    ([field, value]) => (value === undefined ? [] : [field, value ?? '']),
  )

function toPresence(rid: string, fields: Fields): Presence | undefined {
  const [uid, name, level, gateId, sessionId, sessionEpoch, world, allianceId, teamId, silencedUntilMs] =
    fields
  if (!uid || !name || !gateId || !sessionId || !sessionEpoch || !world) return undefined
  return {
    rid,
    uid,
    name,
    level: Number(level),
    gateId,
    sessionId,
    sessionEpoch: Number(sessionEpoch),
    world,
    ...(allianceId ? { allianceId } : {}),
    ...(teamId ? { teamId } : {}),
    silencedUntilMs: Number(silencedUntilMs),
  }
}
