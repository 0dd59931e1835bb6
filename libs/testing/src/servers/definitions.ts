import type { ServerKind } from '../test-env.ts'
import { etcd } from './etcd.ts'
import { mariadb } from './mariadb.ts'
import { nats } from './nats.ts'
import { redis } from './redis.ts'
import type { ServerDefinition } from './test-server.ts'

/** How each kind of server is run. */
export const definitions: Readonly<Record<ServerKind, ServerDefinition>> = {
  mysql: mariadb,
  redis,
  nats,
  etcd,
}
