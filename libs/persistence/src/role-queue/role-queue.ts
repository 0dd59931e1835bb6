import type { RoleSnapshot } from '../role-snapshot.ts'

/**
 * Write-behind of role data: memory → journal (Redis) in micro-batches → database in batches. Holds only the latest
 * snapshot of each role.
 */
export interface RoleQueue {
  /**
   * Takes the newest snapshot of a role. Resolves when it is in the journal (or, while the journal is away, in the
   * database): from then on the death of this process cannot lose it.
   *
   * @throws HydraError `SERVER_BUSY` when the bound on dirty roles is reached (nothing was taken),
   * `ROLE_ELSEWHERE` when another server owns the role by now, `STORAGE_UNAVAILABLE` when neither store can be reached.
   */
  push(snapshot: RoleSnapshot): Promise<void>
  /** Resolves when the database has the latest pushed snapshot of this role and the journal entry is settled. */
  flush(rid: string): Promise<void>
  /** Forgets a role that was flushed, or fenced off. */
  forget(rid: string): void
  /** Flushes everything. Answers how many roles were still dirty and could not be saved within `timeoutMs`. */
  drain(timeoutMs: number): Promise<{ readonly saved: number; readonly left: number }>
  /** Roles whose latest snapshot the database does not have yet. */
  readonly dirty: number
}
