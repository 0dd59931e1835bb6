import type { RoleJournal, Roles } from '@hydra/persistence'
import { HydraError } from '@hydra/protocol'
import type { Registry } from '@hydra/rpc'
import type { Clock, Logger } from '@hydra/runtime'
import type { LoadedRole } from '../actor/role-writer.ts'
import type { GameMetrics } from '../game-metrics.ts'
import { fromSnapshot } from './role-data.ts'

/** What loading needs. */
export interface LoadRoleDeps {
  readonly serverId: string
  readonly registry: Pick<Registry, 'connected' | 'get'>
  readonly journal: RoleJournal
  readonly roles: Roles
  readonly log: Logger
}

/** {@link loadRole}, counted and timed. */
export function measuredLoad(
  deps: LoadRoleDeps,
  { loads, loadSeconds }: Pick<GameMetrics, 'loads' | 'loadSeconds'>,
  clock: Clock,
): (rid: string, uid: string) => Promise<LoadedRole> {
  return async (rid, uid) => {
    const startedMs = clock.monotonicMs()
    try {
      const role = await loadRole(deps, rid, uid)
      loads.inc({ code: 'OK' })
      loadSeconds.observe((clock.monotonicMs() - startedMs) / 1_000)
      return role
    } catch (error) {
      loads.inc({ code: HydraError.from(error).code })
      throw error
    }
  }
}

/** A takeover that loses against another server each time gives up after so many. */
const takeoversMax = 3

/**
 * Makes this server the owner of a role and reads it: from the journal what a crashed owner left unsaved, else from
 * the database.
 *
 * @throws HydraError `ROLE_NOT_FOUND` when the account has no such role, `ROLE_ELSEWHERE` with the owner's id in
 * `metadata.server` when another live server owns it, `STORAGE_UNAVAILABLE`.
 */
export async function loadRole(deps: LoadRoleDeps, rid: string, uid: string): Promise<LoadedRole> {
  const { roles, journal } = deps
  // Asked before acquiring: nobody can make a server own, even for a moment, a role that is not theirs.
  const row = await roles.find(rid)
  if (row === undefined || row.uid !== uid) throw roleNotFound(rid)
  const { epoch, snapshot } = await acquire(deps, rid)
  try {
    const stored = await roles.takeOver(rid, epoch, snapshot)
    if (stored === undefined) throw roleNotFound(rid)
    const state = fromSnapshot(stored)
    // The database has by now what a crashed owner left in the journal.
    if (snapshot !== undefined) await journal.settle([stored])
    await freeOtherNames(deps, rid, state.name, epoch)
    return { state, epoch }
  } catch (error) {
    await giveBack(deps, rid, epoch)
    throw error
  }
}

async function acquire(deps: LoadRoleDeps, rid: string) {
  const { journal, registry, serverId, log } = deps
  let acquired = await journal.acquire(rid, serverId)
  for (let attempt = 1; !acquired.owned; attempt++) {
    const { owner } = acquired
    // While the registry is away its view may miss a server that has just started: better refuse than take from it.
    const mayLive = registry.get(owner) !== undefined || !registry.connected
    if (mayLive || attempt > takeoversMax) throw roleElsewhere(rid, owner)
    log.info({ rid, owner }, 'taking a role over from a server that is gone')
    acquired = await journal.acquire(rid, serverId, { replaces: owner })
  }
  return acquired
}

/** A rename that a crash interrupted leaves a name reserved that the role does not have. */
async function freeOtherNames(
  { roles, log }: LoadRoleDeps,
  rid: string,
  name: string,
  epoch: number,
): Promise<void> {
  try {
    await roles.keepOnlyName(rid, name, epoch)
  } catch (err) {
    log.warn(
      { rid, err },
      'names left over from an interrupted rename stay reserved until the role is next loaded',
    )
  }
}

async function giveBack({ journal, log }: LoadRoleDeps, rid: string, epoch: number): Promise<void> {
  try {
    await journal.release(rid, epoch)
  } catch (err) {
    log.warn(
      { rid, err },
      'a role that could not be loaded stays owned by this server until it is next loaded',
    )
  }
}

/** The same answer for a role that does not exist and for one of another account. */
export const roleNotFound = (rid: string): HydraError =>
  new HydraError('ROLE_NOT_FOUND', 'This account has no such role.', { metadata: { rid } })

/** Says where the role is; the gate sends the request there. */
const roleElsewhere = (rid: string, server: string) =>
  new HydraError('ROLE_ELSEWHERE', 'Another game server owns the role; send the request there.', {
    metadata: { rid, server },
  })
