import { HydraError } from '@hydra/protocol'

/** What an announcement that has ended answers. */
export const notAnnounced = (id: string): HydraError =>
  new HydraError(
    'SHUTTING_DOWN',
    `The record of ${id} was withdrawn, or another process start took its place.`,
  )

/** What a registry that is closed answers. */
export const registryClosed = (): HydraError =>
  new HydraError('SHUTTING_DOWN', 'The registry is closed; nothing can be announced.')
