import type { Clock } from '@hydra/runtime'
import { createMemoryAllianceViews } from './memory-alliance-views.ts'
import { createMemoryChatLog } from './memory-chat-log.ts'
import { createMemoryChatTeams } from './memory-chat-teams.ts'
import { createMemoryChatMarkers } from './memory-chat-markers.ts'
import { createMemoryPresenceStore } from './memory-presence-store.ts'
import { createMemoryRoleJournal } from './memory-role-journal.ts'
import { createMemorySessionStore } from './memory-session-store.ts'
import { createMemoryTeams } from './memory-teams.ts'
import type { StoreLimits, Stores } from './stores.ts'

/**
 * All stores in the memory of this process: for development, where one process holds every service, and for tests.
 *
 * @example const stores = createMemoryStores({ clock: systemClock })
 */
export function createMemoryStores(deps: { readonly clock: Clock }, limits: StoreLimits = {}): Stores {
  return {
    sessions: createMemorySessionStore(deps),
    roleJournal: createMemoryRoleJournal(deps),
    chatTeams: createMemoryChatTeams(deps),
    teams: createMemoryTeams(deps),
    presence: createMemoryPresenceStore(limits),
    chatLog: createMemoryChatLog(deps, limits),
    chatMarkers: createMemoryChatMarkers(limits),
    allianceViews: createMemoryAllianceViews(deps),
  }
}
