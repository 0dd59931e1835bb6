import type { Presence, PresenceStore } from './presence-store.ts'

/** Presence in the memory of this process. Holds one record for each role that is online. */
export function createMemoryPresenceStore(): PresenceStore {
  const online = new Map<string, Presence>()
  return {
    async enter(presence) {
      const noted = online.get(presence.rid)
      if (noted !== undefined && noted.sessionEpoch > presence.sessionEpoch) return false
      online.set(presence.rid, { ...presence })
      return true
    },
    get: async (rid) => online.get(rid),
    async rename(rid, name) {
      const noted = online.get(rid)
      if (noted === undefined) return false
      online.set(rid, { ...noted, name })
      return true
    },
    async leave(rid, sessionEpoch) {
      const noted = online.get(rid)
      if (noted === undefined || noted.sessionEpoch > sessionEpoch) return undefined
      online.delete(rid)
      return noted
    },
  }
}
