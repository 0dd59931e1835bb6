import { storageConfigSchema } from '@hydra/persistence'
import { limits as wireLimits } from '@hydra/protocol'
import { clusterConfigSchema, rpcLimitsSchema } from '@hydra/rpc'
import {
  logConfigSchema,
  opsConfigSchema,
  serviceConfigSchema,
  tokenConfigSchema,
  tracingConfigSchema,
  withProductionRules,
} from '@hydra/runtime'
import { z } from 'zod'
import { parseRouteRate } from './request/route-rates.ts'
import { transports } from './socket/open-socket-server.ts'
import { isNetwork } from './socket/trusted-proxies.ts'

const version = z.string().regex(/^\d+(\.\d+)*$/, 'dotted numbers such as 1.4.0')

const gateFields = z
  .strictObject({
    host: z.string().min(1).default('0.0.0.0').describe('Where clients connect: an address of this machine.'),
    port: z
      .int()
      .min(0)
      .max(65_535)
      .default(3_250)
      .describe('Where clients connect; 0: any free port, which the log names.'),
    announcedHost: z
      .string()
      .min(1)
      .optional()
      .meta({ example: 'play1.example.com' })
      .describe(
        'Where clients reach this gate, for the server list, when that differs: behind a load balancer or NAT. When absent: `[cluster] host`.',
      ),
    announcedPort: z
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .meta({ example: 443 })
      .describe('Port that belongs to `announcedHost`. When absent: the one on which this gate listens.'),
    announcedTls: z
      .boolean()
      .optional()
      .meta({ example: true })
      .describe(
        'Whether clients speak TLS at `announcedHost`, with what is in front of this gate. When absent: whether this gate does.',
      ),
    transport: z
      .enum(transports)
      .default('auto')
      .describe(
        'What serves WebSocket: "uws" is uWebSockets.js; "auto" takes it where its binary loads, else "ws" with a warning.',
      ),
    tlsCertFile: z
      .string()
      .min(1)
      .optional()
      .meta({ example: '/etc/hydra/gate.pem' })
      .describe(
        'PEM file of the certificate that clients are shown; together with `tlsKeyFile`, connections are TLS.',
      ),
    tlsKeyFile: z
      .string()
      .min(1)
      .optional()
      .meta({ example: '/etc/hydra/gate-key.pem' })
      .describe('PEM file of the key of `tlsCertFile`.'),
    trustedProxies: z
      .array(z.string().refine(isNetwork, 'an address, or a network such as 10.0.0.0/8'))
      .default([])
      .describe(
        "Addresses and networks of load balancers whose word about a client's address is taken: the header `x-forwarded-for` of WebSocket, the PROXY header of TCP. When empty: nobody's.",
      ),
    heartbeatSeconds: z
      .int()
      .min(1)
      .max(3_600)
      .default(30)
      .describe('Told to clients. Three intervals without a packet end a connection.'),
    handshakeTimeoutMs: z
      .int()
      .min(100)
      .max(600_000)
      .default(10_000)
      .describe('How long a client may take from connecting to the acknowledged handshake.'),
    minClientVersion: version
      .optional()
      .meta({ example: '1.4.0' })
      .describe(
        'Older clients, and those that name no version, are refused with handshake code 501. When absent: everybody may come.',
      ),
    maxClientVersion: version
      .optional()
      .meta({ example: '2.0' })
      .describe('Newer clients are refused with handshake code 400. When absent: everybody may come.'),
    platforms: z
      .array(z.string().min(1).max(64))
      .default([])
      .describe(
        'The platforms, as clients name theirs in the handshake, that may come; others are refused with handshake code 400. When empty: all.',
      ),
    compressMinBytes: z
      .int()
      .min(0)
      .max(wireLimits.packetBodyMaxBytes)
      .default(1_024)
      .describe('Smaller bodies are not compressed, for clients that asked for compression.'),
    requestTimeoutMs: z
      .int()
      .min(100)
      .max(600_000)
      .default(5_000)
      .describe("How long a client's request may take in all."),
  })
  .describe('Where clients connect, and which may.')

const gateSection = withProductionRules(gateFields, ({ tlsCertFile, trustedProxies }) =>
  tlsCertFile === undefined && trustedProxies.length === 0
    ? [
        {
          key: 'tlsCertFile',
          problem:
            'players show their tokens without TLS, unless a proxy in front speaks it: then name it in trustedProxies.',
        },
      ]
    : [],
)

const tcpFields = z
  .strictObject({
    port: z
      .int()
      .min(0)
      .max(65_535)
      .optional()
      .meta({ example: 3_251 })
      .describe('On the host of `[gate]`. 0: any free port, which the log names; when absent: no TCP.'),
    tls: z
      .boolean()
      .default(true)
      .describe('Whether the certificate of `[gate]`, if there is one, is used here too.'),
    proxyProtocol: z
      .boolean()
      .default(false)
      .describe(
        'Whether each connection begins with a PROXY header, versions 1 and 2. Only `[gate] trustedProxies` can connect then.',
      ),
  })
  .describe('Packets in a plain stream, for clients without WebSocket.')

const tcpSection = withProductionRules(tcpFields, ({ port, tls, proxyProtocol }, { gate }) => {
  const { tlsCertFile } = gate as z.output<typeof gateFields>
  const isPlain = port !== undefined && !(tls && tlsCertFile !== undefined)
  return isPlain && !proxyProtocol
    ? [
        {
          key: 'tls',
          problem:
            'players who come by TCP show their tokens without TLS, unless a proxy in front speaks it: then have it send PROXY headers (proxyProtocol). [gate] tlsCertFile and tls = true speak it here.',
        },
      ]
    : []
})

const limitsSection = z
  .strictObject({
    maxConnections: z
      .int()
      .min(1)
      .max(10_000_000)
      .default(20_000)
      .describe('Open connections of clients; more are refused with `SERVER_FULL`.'),
    maxConnectionsPerIp: z
      .int()
      .min(1)
      .max(10_000_000)
      .default(256)
      .describe(
        'Open connections of one IPv4 address, or /64 network of IPv6; many players may sit behind one.',
      ),
    maxPacketBytes: z
      .int()
      .min(256)
      .max(wireLimits.packetBodyMaxBytes)
      .default(64 * 1024)
      .describe('Largest body of one packet of a client.'),
    maxInflatedBytes: z
      .int()
      .min(256)
      .max(wireLimits.packetBodyMaxBytes)
      .default(256 * 1024)
      .describe('Largest compressed body of a client, after inflating.'),
    maxBackpressureBytes: z
      .int()
      .min(16 * 1024)
      .max(1 << 30)
      .default(1024 * 1024)
      .describe('What may wait for a client that does not read, before it is closed.'),
    pendingPerSession: z
      .int()
      .min(1)
      .max(100_000)
      .default(64)
      .describe('Unanswered requests of one session.'),
    ratePerSecond: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(50)
      .meta({ unit: 'messages/s' })
      .describe('Messages of one session in the long run.'),
    rateBurst: z.int().min(1).max(1_000_000).default(100).describe('Messages of one session at once.'),
    rateRefusalsMax: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(200)
      .describe('Refused messages that a client may pile up before it is closed.'),
    heartbeatsPerSecond: z
      .int()
      .min(1)
      .max(1_000)
      .default(2)
      .describe(
        'Heartbeats and acknowledgements of one connection in the long run, which are not counted as messages; a client that sends more is closed.',
      ),
    heartbeatsBurst: z
      .int()
      .min(1)
      .max(100_000)
      .default(20)
      .describe('Heartbeats and acknowledgements of one connection at once.'),
    routeRates: z
      .array(
        z
          .string()
          .refine((text) => parseRouteRate(text) !== undefined, 'a limit such as "chat.channel.send=5/10"'),
      )
      .default(['gate.session.login=1/5', 'gate.session.renew=1/5', 'chat.channel.send=5/10'])
      .describe(
        'Limits of single routes, for each session: `"<route>=<messages per second>/<messages at once>"`.',
      ),
    loginAttempts: z
      .int()
      .min(1)
      .max(1_000)
      .default(5)
      .describe('Failed logins in a row after which a connection is closed.'),
  })
  .describe('What one client, and all clients together, may use.')

const resumeSection = z
  .strictObject({
    windowMs: z
      .int()
      .min(0)
      .max(600_000)
      .default(6_000)
      .describe(
        "How long a lost session is kept for its client. The game server's grace, `[role] graceMs`, ends it earlier if it is shorter.",
      ),
    bufferBytes: z
      .int()
      .min(0)
      .max(1 << 30)
      .default(8 * 1024 * 1024)
      .describe(
        'Latest pushes of all topics that are kept for those who missed some; a client that missed more must read anew.',
      ),
  })
  .describe('Clients that come back after a lost connection.')

const releaseSection = z
  .strictObject({
    leaveTimeoutMs: z
      .int()
      .min(100)
      .max(600_000)
      .default(5_000)
      .describe('Bound of one call that hands a role back.'),
    retryMinMs: z
      .int()
      .min(1)
      .max(60_000)
      .default(100)
      .describe('First pause between tries to hand a role back; it doubles each time.'),
    retryMaxMs: z
      .int()
      .min(1)
      .max(600_000)
      .default(5_000)
      .describe('Longest pause between tries to hand a role back.'),
    giveUpMs: z
      .int()
      .min(1_000)
      .max(3_600_000)
      .default(120_000)
      .describe(
        'How long it is tried to hand a role back without an answer; after that the game server notices by itself.',
      ),
  })
  .describe('How the roles of ended sessions are handed back to their game servers.')

const drainSection = z
  .strictObject({
    noticeMs: z
      .int()
      .min(0)
      .max(3_600_000)
      .default(500)
      .describe(
        'How long clients, who are told at once to connect elsewhere, are served on; less when all have gone.',
      ),
    requestsMs: z
      .int()
      .min(0)
      .max(600_000)
      .default(1_000)
      .describe('How long requests under way may then still be answered before clients are disconnected.'),
    releasesMs: z
      .int()
      .min(0)
      .max(600_000)
      .default(2_500)
      .describe('How long game servers may take to confirm that the roles are theirs to save.'),
  })
  .describe('What is done after SIGTERM; the sum must be less than `[service] stopTimeoutMs`.')

/** Configuration of the gate: `data/conf/gateserver.toml` and docs/operations.md are made of it. */
export const gateConfigSchema = z
  .strictObject({
    service: serviceConfigSchema.prefault({}),
    log: logConfigSchema.prefault({}),
    tracing: tracingConfigSchema.prefault({}),
    ops: opsConfigSchema(9_101).prefault({}),
    cluster: clusterConfigSchema.prefault({}),
    rpc: rpcLimitsSchema.prefault({}),
    storage: storageConfigSchema.prefault({}),
    token: tokenConfigSchema.prefault({}),
    gate: gateSection.prefault({}),
    tcp: tcpSection.prefault({}),
    limits: limitsSection.prefault({}),
    resume: resumeSection.prefault({}),
    release: releaseSection.prefault({}),
    drain: drainSection.prefault({}),
  })
  .refine(
    ({ service, drain }) => drain.noticeMs + drain.requestsMs + drain.releasesMs < service.stopTimeoutMs,
    {
      path: ['drain', 'releasesMs'],
      message: 'expected noticeMs + requestsMs + releasesMs to be less than [service] stopTimeoutMs',
    },
  )
  .refine(({ gate }) => (gate.tlsCertFile === undefined) === (gate.tlsKeyFile === undefined), {
    path: ['gate', 'tlsKeyFile'],
    message: 'expected tlsCertFile and tlsKeyFile together, or neither',
  })
  .refine(({ gate, tcp }) => !tcp.proxyProtocol || gate.trustedProxies.length > 0, {
    path: ['tcp', 'proxyProtocol'],
    message: 'expected [gate] trustedProxies to name who may send PROXY headers',
  })

/** Type of {@link gateConfigSchema}. */
export type GateConfig = z.output<typeof gateConfigSchema>
