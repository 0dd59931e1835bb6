import { HydraError } from '@hydra/protocol'

/** Whether a store could not do its work now, whatever it was given: the same call may pass later. */
export const isUnavailable = (error: unknown): boolean =>
  error instanceof HydraError && (error.code === 'STORAGE_UNAVAILABLE' || error.code === 'SERVER_BUSY')
