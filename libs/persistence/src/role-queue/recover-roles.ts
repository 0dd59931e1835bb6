import type { Logger } from '@hydra/runtime'
import type { Roles } from '../repositories/roles.ts'
import { saveRowsMax } from '../repositories/save-roles.ts'
import type { RoleSnapshot } from '../role-snapshot.ts'
import type { RoleJournal } from '../stores/role-journal.ts'
import { writeIsolated } from './write-isolated.ts'

/** What {@link recoverRoles} needs. */
export interface RecoverRolesOptions {
  /** Id of this server. */
  readonly owner: string
  readonly journal: Pick<
    RoleJournal,
    | 'unsaved'
    | 'read'
    | 'settle'
    | 'release'
    | 'owners'
    | 'ownedBy'
    | 'ownersOf'
    | 'claimRecovery'
    | 'leaveRecovery'
  >
  readonly roles: Pick<Roles, 'saveAll' | 'disown' | 'owners' | 'ownedBy'>
  /** Whether a server is known to have left the registry. Roles of servers that live are left to them. */
  readonly isGone: (server: string) => boolean
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
  /** Roles without unsaved changes that were freed, in the journal, of an owner that is gone. */
  readonly freed: number
}

/**
 * Saves what servers that are gone have left in the journal, and frees the roles that they owned: to be called at start
 * and when a game server leaves the registry. One server at a time does it. Should two do it all the same, because one
 * was paused and taken for gone, nothing is lost: writes are fenced by (epoch, version), and what is removed is removed
 * only if it has not changed.
 *
 * @returns `undefined` when another server is at it: call again soon, it may have begun before the last one left.
 * @throws HydraError `STORAGE_UNAVAILABLE`; what was done until then stays done, so call it again.
 * @example await recoverRoles({ owner: serverId, journal, roles, isGone: (id) => !servers.has(id), log })
 */
export async function recoverRoles(options: RecoverRolesOptions): Promise<RecoveredRoles | undefined> {
  const { owner, journal, log } = options
  if (!(await claim(options))) return undefined
  let recovered: RecoveredRoles
  try {
    const saved = await saveOrphans(options)
    recovered = { ...saved, freed: await freeAbandoned(options) }
    await freeRows(options)
  } catch (error) {
    await journal.leaveRecovery(owner).catch((err: unknown) => {
      log.warn({ err }, 'other servers wait with recovery until this one has tried again')
    })
    throw error
  }
  await journal.leaveRecovery(owner)
  if (recovered.orphaned + recovered.freed > 0) {
    log.info({ ...recovered }, 'saved and freed what servers that are gone had left behind')
  }
  return recovered
}

async function claim({ owner, journal, isGone }: RecoverRolesOptions): Promise<boolean> {
  const holder = await journal.claimRecovery(owner)
  if (holder === owner) return true
  return isGone(holder) && (await journal.claimRecovery(owner, { replaces: holder })) === owner
}

async function saveOrphans(options: RecoverRolesOptions): Promise<Omit<RecoveredRoles, 'freed'>> {
  const { journal } = options
  const batchMax = batchOf(options)
  const total = { orphaned: 0, saved: 0, obsolete: 0, refused: 0 }
  let afterRid: string | undefined
  for (;;) {
    const found = await journal.unsaved(batchMax, afterRid)
    const orphans = found.filter(({ owner }) => owner === undefined || isForeignAndGone(options, owner))
    const counts = await saveBatch(
      orphans.map(({ rid }) => rid),
      options,
    )
    total.orphaned += counts.orphaned
    total.saved += counts.saved
    total.obsolete += counts.obsolete
    total.refused += counts.refused
    afterRid = found.at(-1)?.rid
    if (found.length < batchMax || afterRid === undefined) return total
  }
}

async function saveBatch(
  rids: readonly string[],
  options: RecoverRolesOptions,
): Promise<Omit<RecoveredRoles, 'freed'>> {
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
  // A role without snapshot is marked by mistake (somebody else has just settled it): older than anything, it unmarks.
  await journal.settle([
    ...outcome.stored,
    ...outcome.fenced,
    ...vanished.map((rid) => ({ rid, epoch: 0, version: 0 })),
  ])
  return {
    orphaned: snapshots.length,
    saved: outcome.stored.length,
    obsolete: outcome.fenced.length,
    refused: outcome.refused.length,
  }
}

/** Nobody else would remove the keys of an owner that is gone; a new owner has a larger epoch and keeps them. */
async function freeAbandoned(options: RecoverRolesOptions): Promise<number> {
  const { journal, roles } = options
  const batchMax = batchOf(options)
  let freed = 0
  for (const owner of await journal.owners()) {
    if (!isForeignAndGone(options, owner)) continue
    let afterRid: string | undefined
    do {
      const owned = await journal.ownedBy(owner, batchMax, afterRid)
      const free = await Promise.all(owned.map(({ rid, epoch }) => journal.release(rid, epoch)))
      const released = owned.filter((_, index) => free[index])
      if (released.length > 0) await roles.disown(owner, released)
      freed += released.length
      afterRid = owned.at(-1)?.rid
    } while (afterRid !== undefined)
  }
  return freed
}

/**
 * Roles that were taken by their row, or that the journal has forgotten. What the journal has of a role may not be in its
 * row yet: then whoever takes it next sees to both.
 */
async function freeRows(options: RecoverRolesOptions): Promise<void> {
  const { journal, roles } = options
  for (const owner of await roles.owners()) {
    if (!isForeignAndGone(options, owner)) continue
    let afterRid: string | undefined
    do {
      const owned = await roles.ownedBy(owner, batchOf(options), afterRid)
      const owners = await journal.ownersOf(owned.map(({ rid }) => rid))
      const unsaved = await Promise.all(owned.map(({ rid }) => journal.read(rid)))
      const free = owned.filter((_, index) => owners[index] === undefined && unsaved[index] === undefined)
      if (free.length > 0) await roles.disown(owner, free)
      afterRid = owned.at(-1)?.rid
    } while (afterRid !== undefined)
  }
}

/** A server that the others have lost sight of must not take its own roles for orphans. */
const isForeignAndGone = ({ owner: self, isGone }: RecoverRolesOptions, owner: string): boolean =>
  owner !== self && isGone(owner)

const batchOf = ({ batchMax = 500 }: RecoverRolesOptions): number => Math.min(batchMax, saveRowsMax)
