/** A role that is online. */
export interface Presence {
  readonly rid: string
  readonly uid: string
  readonly name: string
  readonly level: number
  readonly gateId: string
  readonly sessionId: string
  readonly sessionEpoch: number
  /** The shard of the world channel that it is in: `<zone>-<n>`. */
  readonly world: string
  /** Its alliance, as far as chat has noted it. */
  readonly allianceId?: string
  readonly teamId?: string
  /** Until then it may not speak; 0: it may. */
  readonly silencedUntilMs: number
}

/** A role that enters; its shard is found by entering. */
export type Arrival = Omit<Presence, 'world' | 'allianceId' | 'teamId' | 'silencedUntilMs'>

/** What can be noted of a role that is online; `null` removes. */
export interface PresenceChange {
  readonly name?: string
  readonly level?: number
  readonly allianceId?: string | null
  readonly teamId?: string | null
  readonly silencedUntilMs?: number
}

/** Which shard of the world a role is put into. */
export interface WorldShards {
  readonly zone: string
  /** Roles of one shard; the first shard with room is taken. */
  readonly rolesMax: number
}

/** Who is online. Redis or memory; both pass `presence-store.contract.ts`. */
export interface PresenceStore {
  /**
   * Marks a role online and puts it into a shard of the world, the one it is in if it was online already. Answers what
   * is noted then; `undefined` when a newer session is noted, which stays. What else was noted (alliance, team,
   * silence) stays as well.
   */
  enter(arrival: Arrival, world: WorldShards): Promise<Presence | undefined>
  get(rid: string): Promise<Presence | undefined>
  /** Whether roles are online, in the order of the ids, in one round trip. */
  online(rids: readonly string[]): Promise<readonly boolean[]>
  /** Notes something of a role that is online; answers what is noted then, `undefined` when it is not online. */
  update(rid: string, change: PresenceChange): Promise<Presence | undefined>
  /**
   * Marks a role offline unless a session with a larger epoch is noted; answers what was removed. `atMs` is when the
   * role was last seen.
   */
  leave(rid: string, sessionEpoch: number, atMs: number): Promise<Presence | undefined>
  /** When roles that are offline were last seen; `undefined`: not within `lastSeenMaxMs`. */
  lastSeen(rids: readonly string[]): Promise<readonly (number | undefined)[]>
  /** Gates that roles are noted at. */
  gates(): Promise<readonly string[]>
  /** Roles noted at a gate, in order of rid, at most `limit`, only those after `afterRid`. */
  atGate(gateId: string, limit: number, afterRid?: string): Promise<readonly Presence[]>
}

/** Times that have grown too old and are forgotten with each {@link PresenceStore.leave}, at most. */
export const lastSeenTrimMax = 10
