import { createRedisChatLog } from './redis-chat-log.ts'
import { redisKeys } from './redis-keys.ts'
import type { RedisLink } from './redis-link.ts'
import { createRedisPresenceStore } from './redis-presence-store.ts'
import { createRedisRoleJournal } from './redis-role-journal.ts'
import { createRedisSessionStore } from './redis-session-store.ts'
import type { StoreLimits, Stores } from './stores.ts'

/** All stores on one connection, every key beginning with `keyPrefix`. */
export function createRedisStores(link: RedisLink, keyPrefix: string, limits: StoreLimits = {}): Stores {
  const keys = redisKeys(keyPrefix)
  return {
    sessions: createRedisSessionStore(link, keys),
    roleJournal: createRedisRoleJournal(link, keys),
    chatLog: createRedisChatLog(link, keys, limits),
    presence: createRedisPresenceStore(link, keys),
  }
}
