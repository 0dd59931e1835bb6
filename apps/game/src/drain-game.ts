import type { RoleQueue } from '@hydra/persistence'
import type { Announcement } from '@hydra/rpc'
import type { Clock, Logger, Timer } from '@hydra/runtime'
import type { RoleActors } from './actor/role-actors.ts'
import type { GameConfig } from './config.ts'

/** What draining needs. */
export interface DrainOptions {
  readonly actors: Pick<RoleActors, 'drain' | 'size'>
  readonly queue: Pick<RoleQueue, 'drain'>
  readonly config: GameConfig['drain']
  readonly log: Logger
}

/** Saves and releases every role, within its bounds, and says how many were left for others to recover. */
export async function drainRoles({ actors, queue, config, log }: DrainOptions): Promise<void> {
  const roles = actors.size
  const { left } = await actors.drain(config.rolesMs)
  const { left: unsaved } = await queue.drain(config.queueMs)
  if (left === 0 && unsaved === 0) log.info({ roles, left, unsaved }, 'drained')
  else log.error({ roles, left, unsaved }, 'drained in part: what is unsaved stays in the journal')
}

/** Has the others send nothing new here. The registry being away must not hold up saving. */
export async function announceDraining(
  announcement: Announcement,
  { clock, config, log }: Pick<DrainOptions, 'config' | 'log'> & { readonly clock: Clock },
): Promise<void> {
  const announced = announcement.update({ state: 'draining' }).catch((err: unknown) => {
    log.warn({ err }, 'the registry was not told that this server is draining')
  })
  let timer: Timer | undefined
  const late = new Promise<void>((resolve) => {
    timer = clock.after(config.announceMs, resolve)
  })
  await Promise.race([announced, late])
  timer?.cancel()
}
