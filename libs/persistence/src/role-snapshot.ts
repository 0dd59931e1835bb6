/** JSON that a document may hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json }

/**
 * A role at one moment, as journal and database keep it. Writes are ordered by (epoch, version): each takeover by
 * another game server has a larger epoch, each change a larger version.
 */
export interface RoleSnapshot {
  readonly rid: string
  readonly uid: string
  readonly name: string
  readonly level: number
  readonly epoch: number
  readonly version: number
  /** Version of the form of `data`, see the game service's upgrades. */
  readonly schema: number
  readonly data: JsonObject
}

/** Whether `a` may replace `b`. @example isNewer(snapshot, stored) */
export function isNewer(
  a: Pick<RoleSnapshot, 'epoch' | 'version'>,
  b: Pick<RoleSnapshot, 'epoch' | 'version'>,
): boolean {
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.version > b.version)
}

/** The newer of two snapshots of one role, where either may be missing. @example newest(acquired.snapshot, row) */
export function newest(a: RoleSnapshot | undefined, b: RoleSnapshot | undefined): RoleSnapshot | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return isNewer(b, a) ? b : a
}
