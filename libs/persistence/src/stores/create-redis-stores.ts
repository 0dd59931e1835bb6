import type { Clock } from '@hydra/runtime'
import { createRedisAllianceViews } from './redis-alliance-views.ts'
import { createRedisChatLog } from './redis-chat-log.ts'
import { createRedisChatTeams } from './redis-chat-teams.ts'
import { createRedisChatMarkers } from './redis-chat-markers.ts'
import { redisKeys } from './redis-keys.ts'
import type { RedisLink } from './redis-link.ts'
import { createRedisPresenceStore } from './redis-presence-store.ts'
import { createRedisRoleJournal } from './redis-role-journal.ts'
import { createRedisSessionStore } from './redis-session-store.ts'
import { createRedisTeams } from './redis-teams.ts'
import type { StoreLimits, Stores } from './stores.ts'

/** All stores on one connection, every key beginning with `keyPrefix`. */
export function createRedisStores(
  link: RedisLink,
  keyPrefix: string,
  deps: { readonly clock: Clock },
  limits: StoreLimits = {},
): Stores {
  const keys = redisKeys(keyPrefix)
  return {
    sessions: createRedisSessionStore(link, keys),
    roleJournal: createRedisRoleJournal(link, keys),
    chatTeams: createRedisChatTeams(link, keys),
    teams: createRedisTeams(link, keys),
    presence: createRedisPresenceStore(link, keys, limits),
    chatLog: createRedisChatLog(link, keys, deps, limits),
    chatMarkers: createRedisChatMarkers(link, keys, limits),
    allianceViews: createRedisAllianceViews(link, keys),
  }
}
