import type { JsonObject } from '../role-snapshot.ts'

/** A team as it is kept: who is in it, and whatever else its keeper notes. */
export interface StoredTeam {
  readonly teamId: string
  /** Grows by one with each change; 1 at first. */
  readonly version: number
  /** Its members, each once, at most `limits.teamMembersMax`. Nobody: the team has ended. */
  readonly rids: readonly string[]
  /** What the keeper notes besides; the store does not look into it. */
  readonly data: JsonObject
}

/** A team as it is read. */
export interface FoundTeam extends StoredTeam {
  /** When this version was put. */
  readonly changedAtMs: number
  /** Whether all who must know have been told of this version, see {@link TeamStore.told}. */
  readonly told: boolean
  /** When each member was last seen; who has just come was seen when it came. */
  readonly seenAtMs: ReadonlyMap<string, number>
}

/** What became of a {@link TeamStore.put}. `taken`: a member that is in another team. */
export type TeamPut =
  | { readonly stored: true }
  | { readonly stored: false; readonly taken: string | undefined }

/** When a team was put, and when it is to be told of again unless {@link TeamStore.told} comes first. */
export interface PutTimes {
  readonly atMs: number
  readonly tellAgainAtMs: number
}

/** What {@link TeamStore.seen} tells of a team. */
export interface SeenTeam {
  readonly teamId: string
  readonly changedAtMs: number
  /** When the member was last seen that has not been for the longest. */
  readonly leastSeenAtMs: number
}

/**
 * The teams of roles. Redis or memory; both pass `teams.contract.ts`. Every step is atomic, and a role is in one team at
 * most, whatever happens at the same time. A team that nobody changes or sees for {@link teamLimits.keepMs} is forgotten.
 */
export interface TeamStore {
  /** A team; one that has ended is there until everybody was {@link told}. */
  get(teamId: string): Promise<FoundTeam | undefined>
  /** The team that a role is in. */
  ofRole(rid: string): Promise<FoundTeam | undefined>
  /**
   * Stores the next version of a team: nothing is stored unless the one before it is the stored one (for version 1: none),
   * and unless nobody of its members is in another team. Whoever is not among the members any more is in no team then.
   */
  put(team: StoredTeam, times: PutTimes): Promise<TeamPut>
  /** All who must know have been told of this version; an older one changes nothing. Ends a team that has no members. */
  told(teamId: string, version: number): Promise<void>
  /**
   * Teams of which somebody may not have been told and that are due by `atMs`, the longest due first, then by id, at most `limit`.
   * Each is due again at `againAtMs`, so that servers which ask at the same time share the work.
   */
  untold(atMs: number, againAtMs: number, limit: number): Promise<readonly string[]>
  /** Notes that roles are there; answers the teams that they are in, each once. */
  seen(rids: readonly string[], atMs: number): Promise<readonly SeenTeam[]>
}

/** Bounds that are not a matter of configuration. */
export const teamLimits = Object.freeze({ keepMs: 86_400_000 })
