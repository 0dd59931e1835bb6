import type { RoleQueue } from '@hydra/persistence'
import type { Announcement } from '@hydra/rpc'
import type { Clock, Logger } from '@hydra/runtime'
import type { RoleActors } from './actor/role-actors.ts'
import { waitBriefly } from './wait-briefly.ts'
import type { GameConfig } from './config.ts'
import type { PlaceNotes } from './scene/host/place-notes.ts'
import type { Rewards } from './scene/host/rewards.ts'
import type { World } from './scene/host/world.ts'

/** What draining needs. */
export interface DrainOptions {
  readonly actors: Pick<RoleActors, 'drain' | 'size'>
  readonly queue: Pick<RoleQueue, 'drain'>
  readonly config: GameConfig['drain']
  readonly log: Logger
}

/** What the world needs to come to its end. */
export interface DrainWorldOptions extends Pick<DrainOptions, 'config' | 'log'> {
  readonly notes: Pick<PlaceNotes, 'stop'>
  readonly world: Pick<World, 'close'>
  readonly rewards: Pick<Rewards, 'settled' | 'pending'>
  readonly clock: Clock
}

/** Ends all scenes, and waits within its bound for what kills have brought: the roles leave after that. */
export async function drainWorld(options: DrainWorldOptions): Promise<void> {
  const { notes, world, rewards, clock, config, log } = options
  notes.stop()
  world.close()
  await waitBriefly(clock, config.rewardsMs, rewards.settled())
  if (rewards.pending > 0) log.error({ kills: rewards.pending }, 'kills whose rewards were not given in time')
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
  await waitBriefly(clock, config.announceMs, announced)
}
