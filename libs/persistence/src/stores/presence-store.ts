/** A role that is online. */
export interface Presence {
  readonly rid: string
  readonly uid: string
  readonly name: string
  readonly gateId: string
  readonly sessionId: string
  readonly sessionEpoch: number
}

/** Who is online. Redis or memory; both pass `presence-store.contract.ts`. */
export interface PresenceStore {
  /** Marks a role online. A session that is older than the one noted changes nothing; answers whether it was noted. */
  enter(presence: Presence): Promise<boolean>
  get(rid: string): Promise<Presence | undefined>
  /** Changes the name of a role that is online; answers whether it was. */
  rename(rid: string, name: string): Promise<boolean>
  /** Marks a role offline unless a session with a larger epoch is noted; answers what was removed. */
  leave(rid: string, sessionEpoch: number): Promise<Presence | undefined>
}
