import { lastSeenTrimMax, type Presence, type PresenceStore } from './presence-store.ts'
import { storeLimits, type StoreLimits } from './stores.ts'

/**
 * Presence in the memory of this process. Holds one record for each role that is online, and a time for each that was
 * within `lastSeenMaxMs`.
 */
export function createMemoryPresenceStore(limits: StoreLimits = {}): PresenceStore {
  const { lastSeenMaxMs } = { ...storeLimits, ...limits }
  const online = new Map<string, Presence>()
  const rolesAt = new Map<string, Set<string>>()
  /** Roles of each shard, by zone; the number of a shard is its place, counted from 1. */
  const worlds = new Map<string, Set<string>[]>()
  /** In the order of leaving. */
  const lastSeen = new Map<string, number>()

  const leaveGate = (gateId: string, rid: string): void => {
    const rids = rolesAt.get(gateId)
    rids?.delete(rid)
    if (rids?.size === 0) rolesAt.delete(gateId)
  }
  const enterGate = (gateId: string, rid: string): void => {
    const rids = rolesAt.get(gateId) ?? new Set()
    rolesAt.set(gateId, rids.add(rid))
  }
  const enterWorld = (zone: string, rolesMax: number, rid: string): string => {
    const shards = worlds.get(zone) ?? []
    worlds.set(zone, shards)
    const withRoom = shards.findIndex(({ size }) => size < rolesMax)
    const place = withRoom < 0 ? shards.push(new Set()) - 1 : withRoom
    shards[place]?.add(rid)
    return `${zone}-${place + 1}`
  }
  const leaveWorld = (world: string, rid: string): void => {
    const dash = world.lastIndexOf('-')
    const zone = world.slice(0, dash)
    const shards = worlds.get(zone) ?? []
    shards[Number(world.slice(dash + 1)) - 1]?.delete(rid)
    while (shards.at(-1)?.size === 0) shards.pop()
    if (shards.length === 0) worlds.delete(zone)
  }
  const noteLastSeen = (rid: string, atMs: number): void => {
    lastSeen.delete(rid)
    lastSeen.set(rid, atMs)
    let looks = 0
    for (const [one, seenMs] of lastSeen) {
      if (looks++ === lastSeenTrimMax || seenMs >= atMs - lastSeenMaxMs) break
      lastSeen.delete(one)
    }
  }
  const note = (presence: Presence): Presence => {
    online.set(presence.rid, presence)
    return presence
  }

  return {
    async enter({ rid, uid, name, level, gateId, sessionId, sessionEpoch }, { zone, rolesMax }) {
      const noted = online.get(rid)
      if (noted !== undefined && noted.sessionEpoch > sessionEpoch) return undefined
      if (noted !== undefined) leaveGate(noted.gateId, rid)
      enterGate(gateId, rid)
      const kept = noted ?? { world: enterWorld(zone, rolesMax, rid), silencedUntilMs: 0 }
      return note({ ...kept, rid, uid, name, level, gateId, sessionId, sessionEpoch })
    },
    get: async (rid) => online.get(rid),
    online: async (rids) => rids.map((rid) => online.has(rid)),
    async update(rid, change) {
      const noted = online.get(rid)
      if (noted === undefined) return undefined
      const given = Object.entries(change).filter(([, value]) => value !== undefined)
      const fields = Object.entries({ ...noted, ...Object.fromEntries(given) })
      // Without those that were removed, it is a presence again: only optional fields can be.
      return note(Object.fromEntries(fields.filter(([, value]) => value !== null)) as unknown as Presence)
    },
    async leave(rid, sessionEpoch, atMs) {
      const noted = online.get(rid)
      if (noted === undefined || noted.sessionEpoch > sessionEpoch) return undefined
      online.delete(rid)
      leaveGate(noted.gateId, rid)
      leaveWorld(noted.world, rid)
      noteLastSeen(rid, atMs)
      return noted
    },
    lastSeen: async (rids) => rids.map((rid) => lastSeen.get(rid)),
    gates: async () => [...rolesAt.keys()],
    async atGate(gateId, limit, afterRid) {
      const rids = [...(rolesAt.get(gateId) ?? [])].sort(byCodeUnits)
      const from = afterRid === undefined ? 0 : rids.findIndex((rid) => rid > afterRid)
      const page = from < 0 ? [] : rids.slice(from, from + limit)
      return page.map((rid) => online.get(rid)).filter((presence) => presence !== undefined)
    },
  }
}

/** As Redis orders ids. */
const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : Number(a > b))
