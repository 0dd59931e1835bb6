import { z } from 'zod'
import { mysqlDefaults, type DatabaseConfig } from '../database/open-database.ts'
import { storageObjectLimits } from '../repositories/storage-objects.ts'
import { storeLimits } from '../stores/stores.ts'

const positive = z.int().min(1)

/** Section `[storage]` of every service: which databases and stores, and their bounds. */
export const storageConfigSchema = z
  .strictObject({
    database: z.enum(['mysql', 'sqlite']).default('mysql'),
    /** With the name of a database that exists. A password belongs into the environment. */
    mysqlUrl: z
      .url({ protocol: /^mysql$/, error: 'expected mysql://user:password@host:port/name' })
      .default('mysql://root@127.0.0.1:3306/hydra'),
    mysqlConnectionsMax: positive.max(1_000).default(mysqlDefaults.connectionsMax),
    /** Queries that may wait for a connection. */
    mysqlWaitingMax: positive.default(mysqlDefaults.waitingMax),
    mysqlConnectTimeoutMs: positive.default(mysqlDefaults.connectTimeoutMs),
    mysqlQueryTimeoutMs: positive.default(mysqlDefaults.queryTimeoutMs),
    /** Made with its folder if absent; `:memory:` keeps nothing. */
    sqliteFile: z.string().min(1).default('.hydra/hydra.db'),
    /** Whether starting brings the tables to their latest form; else `npm run migrate` does. */
    migrate: z.boolean().default(true),
    /** Storage objects that a role may have; one more is refused with `STORAGE_LIMIT_REACHED`. */
    objectsPerRoleMax: positive.default(storageObjectLimits.objectsPerRoleMax),

    stores: z.enum(['redis', 'memory']).default('redis'),
    redisUrl: z
      .url({ protocol: /^rediss?$/, error: 'expected redis://host:port/number or rediss://…' })
      .default('redis://127.0.0.1:6379/0'),
    /** Begins every key, so that environments can share a server: `hydra:<env>:`. */
    keyPrefix: z
      .string()
      .regex(/^[A-Za-z0-9_:-]+:$/, 'letters, digits, "_", "-" and ":", the last one ":"')
      .default('hydra:dev:'),
    redisConnectTimeoutMs: positive.default(2_000),
    /** Short: while Redis does not answer, role changes go to the database after this. */
    redisCommandTimeoutMs: positive.default(1_000),
    chatMessagesPerChannelMax: positive.max(100_000).default(storeLimits.chatMessagesPerChannelMax),
    /** Messages older than this leave their channel; those of alliances and private ones stay in the database. */
    chatMessageAgeMaxMs: positive.default(storeLimits.chatMessageAgeMaxMs),
    /** Private conversations that are noted for each role: the latest. */
    chatConversationsMax: positive.max(1_000).default(storeLimits.chatConversationsMax),
    /** Entries of the log that each alliance keeps. */
    allianceLogMax: positive.max(100_000).default(500),
    /** How long it is known when a role was last online. */
    lastSeenMaxMs: positive.default(storeLimits.lastSeenMaxMs),

    /** Pauses between tries to connect, doubling from the first to the second, with jitter. */
    retryMinMs: positive.default(100),
    retryMaxMs: positive.default(3_000),
  })
  .refine(({ retryMinMs, retryMaxMs }) => retryMinMs <= retryMaxMs, {
    path: ['retryMaxMs'],
    message: 'must not be below retryMinMs',
  })

/** Type of {@link storageConfigSchema}. */
export type StorageConfig = z.output<typeof storageConfigSchema>

/** The database that a section names, for `openDatabase`. @example openDatabase(databaseConfigOf(config.storage), { clock }) */
export function databaseConfigOf(config: StorageConfig): DatabaseConfig {
  return config.database === 'sqlite'
    ? { kind: 'sqlite', file: config.sqliteFile }
    : {
        kind: 'mysql',
        url: config.mysqlUrl,
        connectionsMax: config.mysqlConnectionsMax,
        waitingMax: config.mysqlWaitingMax,
        connectTimeoutMs: config.mysqlConnectTimeoutMs,
        queryTimeoutMs: config.mysqlQueryTimeoutMs,
      }
}
