import type { LoadedRole, OwnedRole, RoleOwnership, RoleQueue, Roles } from '@hydra/persistence'
import { HydraError } from '@hydra/protocol'
import type { Clock, Logger } from '@hydra/runtime'
import type { GameMetrics } from '../game-metrics.ts'
import type { RoleState } from './role.ts'
import { fromSnapshot } from './role-data.ts'

/** What loading needs. */
export interface LoadRoleDeps {
  readonly ownership: RoleOwnership
  readonly queue: Pick<RoleQueue, 'flush'>
  readonly roles: Pick<Roles, 'find' | 'keepOnlyName'>
  readonly log: Logger
}

/** {@link loadRole}, counted and timed. */
export function measuredLoad(
  deps: LoadRoleDeps,
  { loads, loadSeconds }: Pick<GameMetrics, 'loads' | 'loadSeconds'>,
  clock: Clock,
): (rid: string, uid: string) => Promise<LoadedRole<RoleState>> {
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

/**
 * Makes this server the owner of a role and reads it: from the journal what a crashed owner left unsaved, else from
 * the database.
 *
 * @throws HydraError `ROLE_NOT_FOUND` when the account has no such role, `ROLE_ELSEWHERE` with the owner's id in
 * `metadata.server` when another live server owns it, `STORAGE_UNAVAILABLE`.
 */
export async function loadRole(deps: LoadRoleDeps, rid: string, uid: string): Promise<LoadedRole<RoleState>> {
  // Asked before taking: nobody can make a server own, even for a moment, a role that is not theirs.
  const row = await deps.roles.find(rid)
  if (row === undefined || row.uid !== uid) throw roleNotFound(rid)
  await flushOwn(deps.queue, rid)
  const role = await readOwned(deps, rid, await deps.ownership.take(row))
  await freeOtherNames(deps, rid, role.state.name, role.epoch)
  return role
}

/**
 * Takes the ownership of a role that this server goes on with once more, under a new epoch.
 *
 * @throws HydraError as {@link loadRole}.
 */
export async function retakeRole(
  deps: Pick<LoadRoleDeps, 'ownership' | 'log'>,
  role: { readonly rid: string; readonly epoch: number },
): Promise<LoadedRole<RoleState>> {
  return readOwned(deps, role.rid, await deps.ownership.retake(role))
}

async function readOwned(
  deps: Pick<LoadRoleDeps, 'ownership' | 'log'>,
  rid: string,
  owned: OwnedRole | undefined,
): Promise<LoadedRole<RoleState>> {
  if (owned === undefined) throw roleNotFound(rid)
  try {
    const { snapshot, journalled } = owned
    return { state: fromSnapshot(snapshot), epoch: snapshot.epoch, journalled }
  } catch (error) {
    await giveBack(deps, owned)
    throw error
  }
}

/** An actor of this server that was fenced off without need, after a loss of the journal, leaves changes in the queue. */
async function flushOwn(queue: LoadRoleDeps['queue'], rid: string): Promise<void> {
  try {
    await queue.flush(rid)
  } catch (error) {
    // Then the new owner went on from what it found in the journal, which had these changes.
    if (!HydraError.hasCode(error, 'ROLE_ELSEWHERE')) throw error
  }
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

async function giveBack(
  { ownership, log }: Pick<LoadRoleDeps, 'ownership' | 'log'>,
  { snapshot, journalled }: OwnedRole,
): Promise<void> {
  try {
    await ownership.release({ ...snapshot, journalled })
  } catch (err) {
    log.warn(
      { rid: snapshot.rid, err },
      'a role that could not be loaded stays owned by this server until it is next loaded',
    )
  }
}

/** The same answer for a role that does not exist and for one of another account. */
export const roleNotFound = (rid: string): HydraError =>
  new HydraError('ROLE_NOT_FOUND', 'This account has no such role.', { metadata: { rid } })
