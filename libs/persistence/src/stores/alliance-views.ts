import type { Alliance, AllianceMembership } from '../repositories/alliances.ts'

/** An alliance with all of its members, as the database had it at `alliance.version`. */
export interface AllianceRoster {
  readonly alliance: Alliance
  readonly members: readonly AllianceMembership[]
}

/** A change of an alliance that is under way. */
export interface AllianceChangeMark {
  /** Made for this change. */
  readonly token: string
  readonly allianceId: string
  /** Roles that it may bring in or put out. */
  readonly rids: readonly string[]
}

/** Bounds of the views that are not a matter of configuration. */
export const allianceViewLimits = Object.freeze({
  /** How long a view is kept at most, and known which version it had. */
  keptMs: 600_000,
  /** How long it is known that an alliance is no more: longer than anybody takes from reading one to putting it. */
  goneMs: 600_000,
})

/**
 * The live view of alliances: what is read often and can be rebuilt from the database at any time. Redis or memory;
 * both pass `alliance-views.contract.ts`. No view is kept while a change is under way, so that nobody is shown what the
 * database does not have any more, whoever dies in between.
 */
export interface AllianceViews {
  /** Drops the view and keeps others from putting one until the change is finished, or its mark expires. */
  begin(mark: AllianceChangeMark, expiresAtMs: number): Promise<void>
  /**
   * The change was made, or was not. Removes its mark and puts the view, if given, unless other changes are under way.
   * Whoever does not know whether it was made reads the roster first: without one, what others read before is taken.
   */
  finish(mark: AllianceChangeMark, roster?: AllianceRoster): Promise<void>
  get(allianceId: string): Promise<AllianceRoster | undefined>
  /** Puts what was read from the database, unless a change is under way or a newer view is there. */
  put(roster: AllianceRoster): Promise<void>
  /** Drops the view of an alliance that is no more; nobody can put one for the next {@link allianceViewLimits}`.goneMs`. */
  drop(allianceId: string): Promise<void>
  /** Marks that have expired: whoever made them has died and somebody must look after their roles. At most `limit`. */
  expired(nowMs: number, limit: number): Promise<readonly AllianceChangeMark[]>
}
