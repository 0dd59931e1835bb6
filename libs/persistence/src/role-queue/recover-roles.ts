import type { Logger } from '@hydra/runtime'
import type { Roles } from '../repositories/roles.ts'
import { saveRowsMax } from '../repositories/save-roles.ts'
import type { RoleSnapshot } from '../role-snapshot.ts'
import type { RoleJournal } from '../stores/role-journal.ts'
import { writeIsolated } from './write-isolated.ts'

/** What {@link recoverRoles} needs. */
export interface RecoverRolesOptions {
  readonly journal: Pick<RoleJournal, 'unsaved' | 'read' | 'settle' | 'release'>
  readonly roles: Pick<Roles, 'saveAll'>
  /** Whether a server is in the registry. Roles of servers that live are left to them. */
  readonly isAlive: (owner: string) => boolean
  readonly log: Logger
  /** Roles looked at in one step, 500 when absent. */
  readonly batchMax?: number
}

/** What {@link recoverRoles} found and did. */
export interface RecoveredRoles {
  /** Unsaved roles whose owner is gone or unknown. */
  readonly orphaned: number
  /** Written to the database. */
  readonly saved: number
  /** The database had a newer version already. */
  readonly obsolete: number
  /** Kept in the journal, because the database refuses their content; the log names them. */
  readonly refused: number
}

/**
 * Saves what servers that are gone have left in the journal: to be called at start and when a game server leaves the
 * registry. Any number of servers may do it at the same time, also while the role is being taken over: writes are
 * fenced by (epoch, version), and what is removed is removed only if it has not changed.
 *
 * @throws HydraError `STORAGE_UNAVAILABLE`; what was done until then stays done, so call it again.
 * @example await recoverRoles({ journal, roles, isAlive: (id) => servers.has(id), log })
 */
export async function recoverRoles(options: RecoverRolesOptions): Promise<RecoveredRoles> {
  const { journal, isAlive, log } = options
  const batchMax = Math.min(options.batchMax ?? 500, saveRowsMax)
  const total = { orphaned: 0, saved: 0, obsolete: 0, refused: 0 }
  let afterRid: string | undefined
  for (;;) {
    const found = await journal.unsaved(batchMax, afterRid)
    const orphans = found.filter(({ owner }) => owner === undefined || !isAlive(owner))
    const counts = await recoverBatch(
      orphans.map(({ rid }) => rid),
      options,
    )
    total.orphaned += counts.orphaned
    total.saved += counts.saved
    total.obsolete += counts.obsolete
    total.refused += counts.refused
    afterRid = found.at(-1)?.rid
    if (found.length < batchMax || afterRid === undefined) break
  }
  if (total.orphaned > 0) log.info(total, 'saved what servers that are gone had left in the journal')
  return total
}

async function recoverBatch(rids: readonly string[], options: RecoverRolesOptions): Promise<RecoveredRoles> {
  const { journal, roles, log } = options
  const snapshots: RoleSnapshot[] = []
  const vanished: string[] = []
  const read = await Promise.all(rids.map(async (rid) => ({ rid, snapshot: await journal.read(rid) })))
  for (const { rid, snapshot } of read) {
    if (snapshot === undefined) vanished.push(rid)
    else snapshots.push(snapshot)
  }
  const outcome = await writeIsolated(snapshots, (batch) => roles.saveAll(batch))
  for (const { snapshot, error } of outcome.refused) {
    log.error({ rid: snapshot.rid, version: snapshot.version, err: error }, 'the database refuses a role')
  }
  const settled = [...outcome.stored, ...outcome.fenced]
  // A role without snapshot is marked by mistake (somebody else has just settled it): older than anything, it unmarks.
  await journal.settle([...settled, ...vanished.map((rid) => ({ rid, epoch: 0, version: 0 }))])
  // The owner is gone, so nobody else would remove the keys; a new owner has a larger epoch and keeps them.
  await Promise.all(settled.map(({ rid, epoch }) => journal.release(rid, epoch)))
  return {
    orphaned: snapshots.length,
    saved: outcome.stored.length,
    obsolete: outcome.fenced.length,
    refused: outcome.refused.length,
  }
}
