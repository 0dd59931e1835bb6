import type { Clock } from '@hydra/runtime'
import { createEpochs } from './memory-epochs.ts'
import type { SessionRecord, SessionStore } from './session-store.ts'

/** Sessions in the memory of this process. Holds one record for each account that is logged in. */
export function createMemorySessionStore(deps: { readonly clock: Clock }): SessionStore {
  const sessions = new Map<string, SessionRecord>()
  const nextEpoch = createEpochs(deps.clock)
  return {
    async bind(session) {
      const replaced = sessions.get(session.uid)
      const epoch = nextEpoch()
      const { uid, gateId, sessionId } = session
      sessions.set(uid, { uid, gateId, sessionId, epoch })
      return { epoch, replaced }
    },
    get: async (uid) => sessions.get(uid),
    release: async (uid, sessionId) => sessions.get(uid)?.sessionId === sessionId && sessions.delete(uid),
  }
}
