import type { HydraError } from '@hydra/protocol'
import { isNewer, type RoleSnapshot } from '../role-snapshot.ts'

/** Somebody waits until the database has `target` or something newer. */
interface Waiter {
  readonly target: RoleSnapshot
  readonly resolve: () => void
  readonly reject: (error: HydraError) => void
}

interface DirtyRole {
  snapshot: RoleSnapshot
  /** When the oldest change in it was pushed, by the monotonic clock. */
  sinceMs: number
  waiters: Waiter[]
  /** The database refused this snapshot for its content; when. */
  refusedMs: number | undefined
}

/**
 * The acknowledged snapshots that the database does not have yet, one for each role, the longest dirty first. Knows
 * nothing of time or stores; see `flusher.ts`.
 */
export class DirtyRoles {
  readonly #roles = new Map<string, DirtyRole>()
  readonly #urgent = new Set<string>()

  get size(): number {
    return this.#roles.size
  }

  /** Roles that somebody waits for and that have not been tried since. */
  get urgent(): number {
    return this.#urgent.size
  }

  has(rid: string): boolean {
    return this.#roles.has(rid)
  }

  /** Since when the role that is dirty for longest has been so. */
  oldestSinceMs(): number | undefined {
    const [oldest] = this.#roles.values()
    return oldest?.sinceMs
  }

  /** Takes a snapshot; an older one changes nothing. */
  add(snapshot: RoleSnapshot, nowMs: number): void {
    const role = this.#roles.get(snapshot.rid)
    if (role === undefined) {
      this.#roles.set(snapshot.rid, { snapshot, sinceMs: nowMs, waiters: [], refusedMs: undefined })
    } else if (isNewer(snapshot, role.snapshot)) {
      role.snapshot = snapshot
      role.refusedMs = undefined
    }
  }

  /** Resolves when the database has what is dirty now; the role goes before all others. */
  whenSaved(rid: string): Promise<void> {
    const role = this.#roles.get(rid)
    if (role === undefined) return Promise.resolve()
    role.refusedMs = undefined
    this.#urgent.add(rid)
    return new Promise((resolve, reject) => {
      role.waiters.push({ target: role.snapshot, resolve, reject })
    })
  }

  /**
   * The next batch: first what is waited for, then the longest dirty. Refused ones wait for `retryRefusedBeforeMs`,
   * those of which something is `underWay` for that to be over.
   */
  next(max: number, retryRefusedBeforeMs: number, underWay: ReadonlySet<string>): readonly RoleSnapshot[] {
    const batch = new Map<string, RoleSnapshot>()
    for (const rid of this.#urgent) {
      if (batch.size >= max) break
      if (underWay.has(rid)) continue
      const role = this.#roles.get(rid)
      if (role !== undefined) batch.set(rid, role.snapshot)
      this.#urgent.delete(rid)
    }
    for (const [rid, role] of this.#roles) {
      if (batch.size >= max) break
      const isDue = role.refusedMs === undefined || role.refusedMs < retryRefusedBeforeMs
      if (isDue && !underWay.has(rid)) batch.set(rid, role.snapshot)
    }
    return [...batch.values()]
  }

  /** The database has this snapshot. What was pushed meanwhile stays dirty, from `nowMs` on. */
  saved(snapshot: RoleSnapshot, nowMs: number): void {
    const role = this.#roles.get(snapshot.rid)
    if (role === undefined) return
    const isReached = ({ target }: Waiter) => !isNewer(target, snapshot)
    const reached = role.waiters.filter(isReached)
    role.waiters = role.waiters.filter((waiter) => !isReached(waiter))
    this.#roles.delete(snapshot.rid)
    if (isNewer(role.snapshot, snapshot)) {
      role.sinceMs = nowMs
      this.#roles.set(snapshot.rid, role)
    } else {
      this.#urgent.delete(snapshot.rid)
    }
    for (const { resolve } of reached) resolve()
  }

  /** The database does not take this content: set aside until a newer snapshot comes, or it is time for another try. */
  refused(snapshot: RoleSnapshot, error: HydraError, nowMs: number): void {
    const role = this.#roles.get(snapshot.rid)
    if (role === undefined) return
    if (role.snapshot === snapshot) role.refusedMs = nowMs
    this.#fail(role, error)
  }

  /** The database could not be reached: all stay dirty, and whoever waits for one of them is told. */
  failed(batch: readonly RoleSnapshot[], error: HydraError): void {
    for (const { rid } of batch) this.#fail(this.#roles.get(rid), error)
    for (const rid of this.#urgent) this.#fail(this.#roles.get(rid), error)
    this.#urgent.clear()
  }

  /** Whoever waits will not be answered any more. */
  failAll(error: HydraError): void {
    for (const role of this.#roles.values()) this.#fail(role, error)
  }

  /** Drops a role, unless what is held has a larger epoch than `epoch`. */
  drop(rid: string, epoch: number, error: HydraError): void {
    const role = this.#roles.get(rid)
    if (role === undefined || role.snapshot.epoch > epoch) return
    this.#roles.delete(rid)
    this.#urgent.delete(rid)
    this.#fail(role, error)
  }

  /** Has the refused ones tried again. */
  retryRefused(): void {
    for (const role of this.#roles.values()) role.refusedMs = undefined
  }

  #fail(role: DirtyRole | undefined, error: HydraError): void {
    const waiters = role?.waiters.splice(0) ?? []
    for (const { reject } of waiters) reject(error)
  }
}
