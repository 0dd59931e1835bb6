import type { SessionStore } from '@hydra/persistence'
import { HydraError } from '@hydra/protocol'
import type { Logger } from '@hydra/runtime'

/**
 * Epoch of the newest session that an account has anywhere; `undefined` when none is known. While the session store is
 * away that is so for all: playing goes on, and the sweep finds a replaced session when the store is back.
 */
export async function newestSessionEpoch(
  sessions: Pick<SessionStore, 'get'>,
  uid: string,
  log: Logger,
): Promise<number | undefined> {
  try {
    return (await sessions.get(uid))?.epoch
  } catch (err) {
    if (!HydraError.hasCode(err, 'STORAGE_UNAVAILABLE')) throw err
    log.debug({ uid, err }, 'a role is loaded without knowing whether its session is the newest')
    return undefined
  }
}
