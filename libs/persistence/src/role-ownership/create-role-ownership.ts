import { HydraError } from '@hydra/protocol'
import type { Clock, Logger } from '@hydra/runtime'
import DataLoader from 'dataloader'
import type { RoleClaim, Roles } from '../repositories/roles.ts'
import { roleElsewhere } from '../role-elsewhere.ts'
import type { RoleSnapshot } from '../role-snapshot.ts'
import type { RoleJournal } from '../stores/role-journal.ts'
import type { Acquired } from '../stores/role-owners.ts'
import type { OwnedRole, Ownership, RoleOwnership } from './role-ownership.ts'

/** What {@link createRoleOwnership} needs. */
export interface RoleOwnershipDeps {
  /** Id of this server, unique for each start of a process. */
  readonly owner: string
  readonly journal: Pick<RoleJournal, 'acquire' | 'release' | 'read' | 'settle' | 'ownersOf'>
  readonly roles: Pick<Roles, 'takeOver' | 'takeOverSaved' | 'disown' | 'saveAll'>
  /**
   * Whether a server is known to have left the registry. Must be `false` while the registry is away: a role is better
   * refused than taken from a server that lives.
   */
  readonly isGone: (server: string) => boolean
  readonly clock: Clock
  readonly log: Logger
}

/** A takeover that loses against another server each time gives up after so many. */
const takeoversMax = 3

/** Roles compared with the journal in one round trip; roles whose row is freed in one statement. */
const batchMax = 500

/**
 * The ownership of roles by one game server.
 *
 * @example
 * const ownership = createRoleOwnership({ owner: serverId, journal, roles, isGone, clock, log })
 * const owned = await ownership.take({ rid, epoch: row.epoch })
 */
export function createRoleOwnership(deps: RoleOwnershipDeps): RoleOwnership {
  const { owner, journal, roles, log } = deps
  // A server that stops gives up thousands of roles within a few turns of the event loop.
  const disown = new DataLoader<Pick<RoleSnapshot, 'rid' | 'epoch'>, true>(
    async (given) => {
      await roles.disown(owner, given)
      return given.map(() => true)
    },
    { cache: false, maxBatchSize: batchMax },
  )

  /** The largest epoch that the journal has granted: what is still under way under it must not touch a later one. */
  let newestEpoch = 0
  const grant = async (rid: string, above: number): Promise<Granted> => {
    const granted = await acquire(deps, rid, above)
    newestEpoch = Math.max(newestEpoch, granted.epoch)
    return granted
  }

  const giveBack = async (rid: string, epoch: number): Promise<void> => {
    try {
      if ((await journal.release(rid, epoch)) || (await releaseSaved(deps, rid, epoch))) {
        await disown.load({ rid, epoch })
      }
    } catch (err) {
      log.debug(
        { rid, err },
        'a role that could not be loaded stays owned by this server until it is next loaded',
      )
    }
  }

  /** The second half: the row. */
  const own = async (
    rid: string,
    { epoch, snapshot: journalled }: Granted,
  ): Promise<OwnedRole | undefined> => {
    const snapshot = await roles.takeOver(rid, claimOf(deps, epoch), journalled)
    // The database has by now what a crashed owner left in the journal.
    if (snapshot !== undefined && journalled !== undefined) await journal.settle([snapshot])
    return snapshot && { snapshot, journalled: true }
  }

  return {
    async take({ rid, epoch: above }) {
      let granted: Granted
      try {
        granted = await grant(rid, above)
      } catch (error) {
        if (!isAway(error)) throw error
        return takeByRow(deps, rid, newestEpoch + 1, error)
      }
      let owned: OwnedRole | undefined
      try {
        owned = await own(rid, granted)
      } finally {
        if (owned === undefined) await giveBack(rid, granted.epoch)
      }
      return owned
    },
    retake: async ({ rid, epoch: above }) => own(rid, await grant(rid, above)),
    async release(role) {
      const { rid, journalled } = role
      if (journalled) await releaseKeys(journal, role)
      const epoch = journalled ? role.epoch : await forgetKeys(deps, role)
      await disown.load({ rid, epoch })
    },
    async renew(held) {
      const unconfirmed: string[] = []
      for (let from = 0; from < held.length; from += batchMax) {
        const some = held.slice(from, from + batchMax)
        const found = await journal.ownersOf(some.map(({ rid }) => rid))
        for (const [index, { rid, epoch, journalled }] of some.entries()) {
          const known = found[index]
          const isConfirmed = journalled && known?.owner === owner && known.epoch === epoch
          if (!isConfirmed) unconfirmed.push(rid)
        }
      }
      return unconfirmed
    },
  }
}

/** What the journal has granted. */
type Granted = Extract<Acquired, { readonly owned: true }>

async function acquire(
  { journal, owner, isGone, log }: RoleOwnershipDeps,
  rid: string,
  above: number,
): Promise<Granted> {
  let acquired = await journal.acquire(rid, owner, { above })
  for (let attempt = 1; !acquired.owned; attempt++) {
    const { owner: former } = acquired
    if (!isGone(former) || attempt > takeoversMax) throw roleElsewhere(rid, former)
    log.info({ rid, owner: former }, 'taking a role over from a server that is gone')
    acquired = await journal.acquire(rid, owner, { above, replaces: former })
  }
  return acquired
}

async function takeByRow(
  deps: RoleOwnershipDeps,
  rid: string,
  epochMin: number,
  cause: unknown,
): Promise<OwnedRole | undefined> {
  const { roles, clock, log } = deps
  const epoch = Math.max(epochMin, Math.trunc(clock.nowMs()) * 1_000)
  const snapshot = await roles.takeOverSaved(rid, claimOf(deps, epoch))
  if (snapshot === undefined) return undefined
  log.debug({ rid, err: cause }, 'the journal is away; a role was taken by its row alone')
  return { snapshot, journalled: false }
}

async function releaseKeys(
  journal: RoleOwnershipDeps['journal'],
  { rid, epoch, version }: Ownership,
): Promise<void> {
  if (await journal.release(rid, epoch)) return
  const unsaved = await journal.read(rid)
  if (unsaved === undefined || unsaved.epoch > epoch) throw roleElsewhere(rid)
  // The entry is one that the database has: removing it after the save must have failed.
  await journal.settle([{ rid, epoch, version }])
  if (await journal.release(rid, epoch)) return
  throw new HydraError('STORAGE_UNAVAILABLE', 'The journal still has an entry of a role that was saved.', {
    metadata: { rid },
  })
}

/**
 * The journal keeps the role for what another server has pushed, and would send everybody here for it. Saved under the
 * epoch of that one, as recovery does, it does not stand in the way.
 */
async function releaseSaved(
  { journal, roles }: RoleOwnershipDeps,
  rid: string,
  epoch: number,
): Promise<boolean> {
  const unsaved = await journal.read(rid)
  if (unsaved === undefined) return false
  await roles.saveAll([unsaved])
  await journal.settle([unsaved])
  return journal.release(rid, epoch)
}

/**
 * The journal may have done what it was asked for before it went away, although its answer was lost. Answers the largest
 * epoch that this server may have been granted.
 */
async function forgetKeys(deps: RoleOwnershipDeps, { rid, epoch: above }: Ownership): Promise<number> {
  const { journal, owner, log } = deps
  try {
    const acquired = await journal.acquire(rid, owner, { above })
    if (!acquired.owned) return above
    const { epoch } = acquired
    // False when somebody has taken the role since, who then sees to the keys.
    if (!(await journal.release(rid, epoch))) await releaseSaved(deps, rid, epoch)
    return epoch
  } catch (err) {
    if (!isAway(err)) throw err
    log.debug({ rid, err }, 'a role is given up while the journal is away')
    return above
  }
}

const isAway = (error: unknown): boolean =>
  error instanceof HydraError && error.code === 'STORAGE_UNAVAILABLE'

const claimOf = ({ owner, isGone }: RoleOwnershipDeps, epoch: number): RoleClaim => ({ owner, epoch, isGone })
