import { z } from 'zod'

/** A role as answers and pushes show it. */
const withRole = z.object({ role: z.object({ rid: z.string(), version: z.number() }) })

/** The newest version of each role that a player was told of: whatever is saved must not be older. */
export class ToldVersions {
  readonly #byRid = new Map<string, number>()

  /** An answer or a push. */
  heard(payload: unknown): void {
    const { data } = withRole.safeParse(payload)
    if (data === undefined) return
    const { rid, version } = data.role
    this.#byRid.set(rid, Math.max(this.#byRid.get(rid) ?? 0, version))
  }

  /** Roles that were told of. */
  get size(): number {
    return this.#byRid.size
  }

  /** What is older than was told, or not there. */
  missingIn(saved: ReadonlyMap<string, { readonly version: number }>): readonly string[] {
    return [...this.#byRid].flatMap(([rid, version]) => {
      const has = saved.get(rid)?.version
      return has !== undefined && has >= version ? [] : [`${rid}: told of version ${version}, saved ${has}`]
    })
  }
}
