import { storageConfigSchema } from '@hydra/persistence'
import { clusterConfigSchema } from '@hydra/rpc'
import { logConfigSchema, serviceConfigSchema, tokenConfigSchema } from '@hydra/runtime'
import { z } from 'zod'
import { workOf } from './account/password-hash.ts'
import { isNetwork } from './client-address.ts'

/** The least that OWASP's Password Storage Cheat Sheet asks of scrypt: N = 2^14, r = 8, p = 5, or as much work. */
const productionWorkMin = workOf({ costLog2: 14, blockSize: 8, parallelism: 5 })

const httpSection = z.strictObject({
  host: z.string().min(1).default('0.0.0.0'),
  /** 0: any free port. */
  port: z.int().min(0).max(65_535).default(9_001),
  bodyMaxBytes: z.int().min(512).max(1_048_576).default(4_096),
  requestTimeoutMs: z.int().min(100).max(300_000).default(15_000),
  connectionsMax: z.int().min(1).max(1_000_000).default(4_096),
  /** Origins of web pages whose scripts may call; absent: any in development, none in production. */
  corsOrigins: z.array(z.string().min(1)).max(64).optional(),
  /** Header in which a reverse proxy names the client's address; empty: there is no proxy. */
  proxyHeader: z.string().toLowerCase().default(''),
  trustedProxies: z
    .array(z.string().refine(isNetwork, 'expected an address or a network such as 10.0.0.0/8'))
    .max(64)
    .default(['127.0.0.1', '::1']),
})

const passwordSection = z.strictObject({
  /** Logarithm to base 2 of scrypt's N: one more doubles time and memory. */
  costLog2: z.int().min(10).max(22).default(15),
  blockSize: z.int().min(1).max(32).default(8),
  parallelism: z.int().min(1).max(32).default(3),
  /** Hashes computed at once; Node.js has four threads for them and for file and name lookups. */
  concurrencyMax: z.int().min(1).max(64).default(2),
  /** Requests that may wait for their hash; more are refused with SERVER_BUSY. */
  queueMax: z.int().min(0).max(10_000).default(64),
})

const attemptsSection = z.strictObject({
  enabled: z.boolean().default(true),
  addressBurst: z.int().min(1).max(1_000_000).default(30),
  addressPerMinute: z.int().min(1).max(1_000_000).default(60),
  usernameBurst: z.int().min(1).max(1_000_000).default(10),
  usernamePerMinute: z.int().min(1).max(1_000_000).default(10),
  /** Addresses, and user names, that are remembered; beyond that the one unseen for longest is forgotten. */
  keysMax: z.int().min(1).max(10_000_000).default(100_000),
})

/** Configuration of the http service; `data/conf/httpserver.toml` explains each key. */
export const httpConfigSchema = z
  .strictObject({
    service: serviceConfigSchema.prefault({}),
    log: logConfigSchema.prefault({}),
    cluster: clusterConfigSchema.prefault({}),
    storage: storageConfigSchema.prefault({}),
    token: tokenConfigSchema.prefault({}),
    http: httpSection.prefault({}),
    password: passwordSection.prefault({}),
    attempts: attemptsSection.prefault({}),
  })
  .refine(({ service, password }) => service.mode !== 'production' || workOf(password) >= productionWorkMin, {
    path: ['password', 'costLog2'],
    message:
      'expected a stronger setting in production mode: 2^costLog2 × blockSize × parallelism of 655360 or more',
  })

/** Type of {@link httpConfigSchema}. */
export type HttpConfig = z.output<typeof httpConfigSchema>
