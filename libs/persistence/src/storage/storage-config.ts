import { urlWithPassword, withProductionRules } from '@hydra/runtime'
import { z } from 'zod'
import { mysqlDefaults, type DatabaseConfig } from '../database/open-database.ts'
import { storageObjectLimits } from '../repositories/storage-objects.ts'
import { storeLimits } from '../stores/stores.ts'
import { mysqlTlsOf } from './storage-tls.ts'
import { unsafeStorage } from './unsafe-storage.ts'

const positive = z.int().min(1)

const file = z.string().min(1)

const schema = z
  .strictObject({
    database: z
      .enum(['mysql', 'sqlite'])
      .default('mysql')
      .describe('"mysql" stands for MySQL and MariaDB, "sqlite" for a file of this machine.'),
    mysqlUrl: urlWithPassword(
      z
        .url({ protocol: /^mysql$/, error: 'expected mysql://user:password@host:port/name' })
        .refine(
          (url) => !URL.canParse(url) || !new URL(url).searchParams.has('ssl'),
          'expected no "ssl" in it, but mysqlTls',
        ),
      ({ database }) => database === 'mysql',
    )
      .default('mysql://root@127.0.0.1:3306/hydra')
      .describe(
        'As `mysql://user:password@host:port/name`; the database must exist. From the environment or a file in production.',
      ),
    mysqlTls: z
      .boolean()
      .default(false)
      .describe(
        'Whether MySQL must speak TLS; naming one of the PEM files for MySQL says so too. `mysqlUrl` must have a name as its host then, which the certificate is checked for.',
      ),
    mysqlCaFile: file
      .optional()
      .meta({ example: '/etc/hydra/ca.pem' })
      .describe(
        "PEM file of the authorities that may have signed MySQL's certificate; the system's when absent.",
      ),
    mysqlCertFile: file
      .optional()
      .meta({ example: '/etc/hydra/server.pem' })
      .describe('PEM file of the certificate that this server shows, for users with `REQUIRE X509`.'),
    mysqlKeyFile: file
      .optional()
      .meta({ example: '/etc/hydra/server-key.pem' })
      .describe('PEM file of the key of `mysqlCertFile`.'),
    mysqlConnectionsMax: positive
      .max(1_000)
      .default(mysqlDefaults.connectionsMax)
      .describe('Connections of this process to MySQL.'),
    mysqlWaitingMax: positive
      .default(mysqlDefaults.waitingMax)
      .describe('Queries that may wait for a connection; more fail with `SERVER_BUSY`.'),
    mysqlConnectTimeoutMs: positive
      .default(mysqlDefaults.connectTimeoutMs)
      .describe('How long connecting to MySQL may take.'),
    mysqlQueryTimeoutMs: positive
      .default(mysqlDefaults.queryTimeoutMs)
      .describe('How long one query to MySQL may take.'),
    sqliteFile: z
      .string()
      .min(1)
      .default('.hydra/hydra.db')
      .describe('File of the database "sqlite", made with its folder if absent; ":memory:" keeps nothing.'),
    migrate: z
      .boolean()
      .default(true)
      .describe(
        'Whether starting brings the tables to their latest form, under a lock; else `npm run migrate -- up` does.',
      ),
    objectsPerRoleMax: positive
      .default(storageObjectLimits.objectsPerRoleMax)
      .describe('Storage objects that a role may have; one more is refused with `STORAGE_LIMIT_REACHED`.'),

    stores: z
      .enum(['redis', 'memory'])
      .default('redis')
      .describe('"memory": this process holds everything, until it ends.'),
    redisUrl: urlWithPassword(
      z
        .url({ protocol: /^rediss?$/, error: 'expected redis://host:port/number or rediss://…' })
        // ioredis takes what is there for options, before ours: "?tls=" speaks no TLS.
        .refine((url) => !URL.canParse(url) || new URL(url).search === '', 'expected nothing after a "?"'),
      ({ stores }) => stores === 'redis',
    )
      .default('redis://127.0.0.1:6379/0')
      .describe(
        'As `redis://user:password@host:port/number`, or `rediss://` for TLS. With a password from the environment or a file in production.',
      ),
    redisCaFile: file
      .optional()
      .meta({ example: '/etc/hydra/ca.pem' })
      .describe(
        "PEM file of the authorities that may have signed the certificate of a Redis at `rediss://`; the system's when absent.",
      ),
    redisCertFile: file
      .optional()
      .meta({ example: '/etc/hydra/server.pem' })
      .describe('PEM file of the certificate that this server shows, where Redis asks for one.'),
    redisKeyFile: file
      .optional()
      .meta({ example: '/etc/hydra/server-key.pem' })
      .describe('PEM file of the key of `redisCertFile`.'),
    keyPrefix: z
      .string()
      .regex(/^[A-Za-z0-9_:-]+:$/, 'letters, digits, "_", "-" and ":", the last one ":"')
      .default('hydra:dev:')
      .describe(
        'Begins every key, so that clusters can share a Redis: `hydra:<env>:`, equal in all services of a cluster.',
      ),
    redisConnectTimeoutMs: positive.default(2_000).describe('How long connecting to Redis may take.'),
    redisCommandTimeoutMs: positive
      .default(1_000)
      .describe(
        'How long one command to Redis may take. Short: while Redis does not answer, role changes go to the database after this.',
      ),
    chatMessagesPerChannelMax: positive
      .max(100_000)
      .default(storeLimits.chatMessagesPerChannelMax)
      .describe('Messages that each chat channel keeps in Redis.'),
    chatMessageAgeMaxMs: positive
      .default(storeLimits.chatMessageAgeMaxMs)
      .describe(
        'How long messages stay in Redis. Those of alliances and private ones are also in the database.',
      ),
    chatConversationsMax: positive
      .max(1_000)
      .default(storeLimits.chatConversationsMax)
      .describe('Private conversations that are noted for each role: the latest.'),
    allianceLogMax: positive
      .max(100_000)
      .default(500)
      .describe('Entries of the log that each alliance keeps.'),
    lastSeenMaxMs: positive
      .default(storeLimits.lastSeenMaxMs)
      .describe('How long it is known when a role was last online.'),

    retryMinMs: positive
      .default(100)
      .describe('First pause between tries to connect; it doubles each time, with jitter.'),
    retryMaxMs: positive.default(3_000).describe('Longest pause between tries to connect.'),
  })
  .refine(({ retryMinMs, retryMaxMs }) => retryMinMs <= retryMaxMs, {
    path: ['retryMaxMs'],
    message: 'must not be below retryMinMs',
  })
  .describe('Database and stores, and their bounds.')

/** Section `[storage]` of every service: which databases and stores, and their bounds. */
export const storageConfigSchema = withProductionRules(schema, unsafeStorage)

/** Type of {@link storageConfigSchema}. */
export type StorageConfig = z.output<typeof schema>

/** The database that a section names, for `openDatabase`. @example openDatabase(databaseConfigOf(config.storage), { clock }) */
export function databaseConfigOf(config: StorageConfig): DatabaseConfig {
  return config.database === 'sqlite'
    ? { kind: 'sqlite', file: config.sqliteFile }
    : {
        kind: 'mysql',
        url: config.mysqlUrl,
        tls: mysqlTlsOf(config),
        connectionsMax: config.mysqlConnectionsMax,
        waitingMax: config.mysqlWaitingMax,
        connectTimeoutMs: config.mysqlConnectTimeoutMs,
        queryTimeoutMs: config.mysqlQueryTimeoutMs,
      }
}
