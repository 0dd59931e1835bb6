import { storageConfigSchema } from '@hydra/persistence'
import { clusterConfigSchema } from '@hydra/rpc'
import {
  logConfigSchema,
  opsConfigSchema,
  serviceConfigSchema,
  tokenConfigSchema,
  tracingConfigSchema,
  withProductionRules,
} from '@hydra/runtime'
import { z } from 'zod'
import { workOf } from './account/password-hash.ts'
import { isNetwork } from './client-address.ts'

/** The least that OWASP's Password Storage Cheat Sheet asks of scrypt: N = 2^14, r = 8, p = 5, or as much work. */
const productionWorkMin = workOf({ costLog2: 14, blockSize: 8, parallelism: 5 })

const httpFields = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .default('0.0.0.0')
      .describe(
        'Where players reach it: an address of this machine. `/healthz` and `/readyz` are served here too, without details.',
      ),
    port: z
      .int()
      .min(0)
      .max(65_535)
      .default(9_001)
      .describe('Where players reach it; 0: any free port, which the log names.'),
    tlsCertFile: z
      .string()
      .min(1)
      .optional()
      .meta({ example: '/etc/hydra/http.pem' })
      .describe(
        'PEM file of the certificate that clients are shown; together with `tlsKeyFile`, connections are TLS.',
      ),
    tlsKeyFile: z
      .string()
      .min(1)
      .optional()
      .meta({ example: '/etc/hydra/http-key.pem' })
      .describe('PEM file of the key of `tlsCertFile`.'),
    bodyMaxBytes: z
      .int()
      .min(512)
      .max(1_048_576)
      .default(4_096)
      .describe('Largest body of a request; larger ones are refused with `PAYLOAD_TOO_LARGE`.'),
    requestTimeoutMs: z
      .int()
      .min(100)
      .max(300_000)
      .default(15_000)
      .describe('In which headers and body of a request must have arrived.'),
    connectionsMax: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(4_096)
      .describe('Open connections; more are dropped.'),
    connectionsPerAddressMax: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(256)
      .describe(
        'Open connections of one address (of IPv6: /64 network) that is none of `trustedProxies`; more are dropped.',
      ),
    corsOrigins: z
      .array(z.string().min(1))
      .max(64)
      .optional()
      .meta({ example: ['https://play.example.com'] })
      .describe(
        'Origins of web pages whose scripts may call. When absent: any in development mode, none in production mode.',
      ),
    proxyHeader: z
      .string()
      .toLowerCase()
      .default('')
      .describe(
        'Header in which a reverse proxy names the client\'s address, for example "x-forwarded-for"; empty: there is no proxy.',
      ),
    trustedProxies: z
      .array(z.string().refine(isNetwork, 'expected an address or a network such as 10.0.0.0/8'))
      .max(64)
      .default(['127.0.0.1', '::1'])
      .describe(
        'Addresses or networks of the proxies; `proxyHeader` and `traceparent` of anybody else are ignored.',
      ),
  })
  .describe('Where players register, log in and find a gate.')

const httpSection = withProductionRules(httpFields, ({ tlsCertFile, proxyHeader }) =>
  tlsCertFile === undefined && proxyHeader === ''
    ? [
        {
          key: 'tlsCertFile',
          problem:
            'players send their passwords without TLS, unless a proxy in front speaks it: then name its header in proxyHeader.',
        },
      ]
    : [],
)

const passwordSection = z
  .strictObject({
    costLog2: z
      .int()
      .min(10)
      .max(22)
      .default(15)
      .describe(
        'N of scrypt is 2 to the power of this: one more doubles time and memory. A hash takes 128 × N × `blockSize` bytes. Raising the cost is safe: accounts get the stronger hash when they log in next.',
      ),
    blockSize: z.int().min(1).max(32).default(8).describe('r of scrypt.'),
    parallelism: z.int().min(1).max(32).default(3).describe('p of scrypt.'),
    concurrencyMax: z
      .int()
      .min(1)
      .max(64)
      .default(2)
      .describe('Hashes computed at once; Node.js has four threads for them and for file and name lookups.'),
    queueMax: z
      .int()
      .min(0)
      .max(10_000)
      .default(64)
      .describe('Requests that may wait for their hash; more are refused with `SERVER_BUSY`.'),
  })
  .describe('How passwords are hashed: scrypt (RFC 7914).')

const attemptsSection = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Whether it is bounded how often passwords are tried.'),
    addressBurst: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(30)
      .describe('Tries of one client address (of IPv6: /64 network) at once.'),
    addressPerMinute: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(60)
      .describe('Tries of one client address (of IPv6: /64 network) in the long run.'),
    usernameBurst: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(10)
      .describe('Tries for one user name at once, whether or not an account has it.'),
    usernamePerMinute: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(10)
      .describe('Tries for one user name in the long run, whether or not an account has it.'),
    keysMax: z
      .int()
      .min(1)
      .max(10_000_000)
      .default(100_000)
      .describe(
        'Addresses, and as many user names, that are remembered; beyond it, the one unseen for longest is forgotten.',
      ),
  })
  .describe(
    'How often passwords may be tried, registering included; beyond it: `RATE_LIMITED`. Counted in each process.',
  )

/** Configuration of the http service: `data/conf/httpserver.toml` and docs/operations.md are made of it. */
export const httpConfigSchema = z
  .strictObject({
    service: serviceConfigSchema.prefault({}),
    log: logConfigSchema.prefault({}),
    tracing: tracingConfigSchema.prefault({}),
    ops: opsConfigSchema(9_104).prefault({}),
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
  .refine(({ http }) => (http.tlsCertFile === undefined) === (http.tlsKeyFile === undefined), {
    path: ['http', 'tlsKeyFile'],
    message: 'expected tlsCertFile and tlsKeyFile together, or neither',
  })

/** Type of {@link httpConfigSchema}. */
export type HttpConfig = z.output<typeof httpConfigSchema>
