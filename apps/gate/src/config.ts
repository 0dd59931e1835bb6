import { storageConfigSchema } from '@hydra/persistence'
import { limits as wireLimits } from '@hydra/protocol'
import { clusterConfigSchema, rpcLimitsSchema } from '@hydra/rpc'
import { logConfigSchema, opsConfigSchema, serviceConfigSchema, tokenConfigSchema } from '@hydra/runtime'
import { z } from 'zod'
import { parseRouteRate } from './request/route-rates.ts'
import { transports } from './socket/open-socket-server.ts'
import { isNetwork } from './socket/trusted-proxies.ts'

const version = z.string().regex(/^\d+(\.\d+)*$/, 'dotted numbers such as 1.4.0')

const gateSection = z.strictObject({
  host: z.string().min(1).default('0.0.0.0'),
  /** 0: any free port. */
  port: z.int().min(0).max(65_535).default(3_250),
  /** Where clients reach this gate, for the server list; absent: `[cluster] host`, and the port above. */
  announcedHost: z.string().min(1).optional(),
  announcedPort: z.int().min(1).max(65_535).optional(),
  /** `auto`: uWebSockets.js where its binary loads, else ws with a warning. */
  transport: z.enum(transports).default('auto'),
  /** PEM; with both, connections are TLS. */
  tlsCertFile: z.string().min(1).optional(),
  tlsKeyFile: z.string().min(1).optional(),
  /** Addresses and networks whose `x-forwarded-for`, or PROXY header, names the client. Empty: nobody's. */
  trustedProxies: z
    .array(z.string().refine(isNetwork, 'an address, or a network such as 10.0.0.0/8'))
    .default([]),
  /** Told to clients. Three intervals without a packet end a connection. */
  heartbeatSeconds: z.int().min(1).max(3_600).default(30),
  /** From connecting to the acknowledged handshake. */
  handshakeTimeoutMs: z.int().min(100).max(600_000).default(10_000),
  /** Older clients, and those without a version, get handshake code 501. Absent: everybody may come. */
  minClientVersion: version.optional(),
  /** Newer clients get handshake code 400. Absent: everybody may come. */
  maxClientVersion: version.optional(),
  /** What clients may name as `platform` or `type`; others get handshake code 400. Empty: everybody may come. */
  platforms: z.array(z.string().min(1).max(64)).default([]),
  /** Bodies below it are not compressed, for clients that asked for compression. */
  compressMinBytes: z.int().min(0).max(wireLimits.packetBodyMaxBytes).default(1_024),
  /** How long a client's request may take in all. */
  requestTimeoutMs: z.int().min(100).max(600_000).default(5_000),
})

const tcpSection = z.strictObject({
  /** Packets in a plain stream, for clients without WebSocket, on the host of [gate]. 0: any free port; absent: none. */
  port: z.int().min(0).max(65_535).optional(),
  /** Whether the certificate of [gate], if there is one, is used here too. */
  tls: z.boolean().default(true),
  /** Whether each connection begins with a PROXY header (versions 1 and 2) of one of the trusted proxies. */
  proxyProtocol: z.boolean().default(false),
})

const limitsSection = z.strictObject({
  maxConnections: z.int().min(1).max(10_000_000).default(20_000),
  /** Per IPv4 address, or /64 of IPv6; many players may sit behind one. */
  maxConnectionsPerIp: z.int().min(1).max(10_000_000).default(256),
  /** Body of one packet. */
  maxPacketBytes: z
    .int()
    .min(256)
    .max(wireLimits.packetBodyMaxBytes)
    .default(64 * 1024),
  /** A compressed body, after inflating. */
  maxInflatedBytes: z
    .int()
    .min(256)
    .max(wireLimits.packetBodyMaxBytes)
    .default(256 * 1024),
  /** What may wait for a client that does not read before it is closed. */
  maxBackpressureBytes: z
    .int()
    .min(16 * 1024)
    .max(1 << 30)
    .default(1024 * 1024),
  /** Requests of one session that are unanswered. */
  pendingPerSession: z.int().min(1).max(100_000).default(64),
  ratePerSecond: z.int().min(1).max(1_000_000).default(50),
  rateBurst: z.int().min(1).max(1_000_000).default(100),
  /** Refused messages that a client may pile up before it is closed. */
  rateRefusalsMax: z.int().min(0).max(1_000_000).default(200),
  /** Heartbeats and acknowledgements, which are not counted as messages; a client that sends more is closed. */
  heartbeatsPerSecond: z.int().min(1).max(1_000).default(2),
  heartbeatsBurst: z.int().min(1).max(100_000).default(20),
  /** Limits of single routes, for each session: `<route>=<messages per second>/<messages at once>`. */
  routeRates: z
    .array(
      z
        .string()
        .refine((text) => parseRouteRate(text) !== undefined, 'a limit such as "chat.channel.send=5/10"'),
    )
    .default(['gate.session.login=1/5', 'chat.channel.send=5/10']),
  /** Failed logins in a row after which a connection is closed. */
  loginAttempts: z.int().min(1).max(1_000).default(5),
})

const resumeSection = z.strictObject({
  /** How long a lost session is kept for its client. The game server's grace ends it earlier if it is shorter. */
  windowMs: z.int().min(0).max(600_000).default(6_000),
  /** Of the latest pushes of all topics, for those who missed some; a client that missed more must read anew. */
  bufferBytes: z
    .int()
    .min(0)
    .max(1 << 30)
    .default(8 * 1024 * 1024),
})

const releaseSection = z.strictObject({
  /** Bound of one call that leaves a role. */
  leaveTimeoutMs: z.int().min(100).max(600_000).default(5_000),
  retryMinMs: z.int().min(1).max(60_000).default(100),
  retryMaxMs: z.int().min(1).max(600_000).default(5_000),
  /** How long the roles of ended sessions are tried to be left while game servers do not answer. */
  giveUpMs: z.int().min(1_000).max(3_600_000).default(120_000),
})

const drainSection = z.strictObject({
  /** How long clients, told to connect elsewhere, are served on before requests are refused; less when all have gone. */
  noticeMs: z.int().min(0).max(3_600_000).default(500),
  /** How long requests under way may still be answered before clients are disconnected. */
  requestsMs: z.int().min(0).max(600_000).default(1_000),
  /** How long game servers may take to confirm that the roles are theirs to save. */
  releasesMs: z.int().min(0).max(600_000).default(2_500),
})

/** Configuration of the gate; `data/conf/gateserver.toml` explains each key. */
export const gateConfigSchema = z
  .strictObject({
    service: serviceConfigSchema.prefault({}),
    log: logConfigSchema.prefault({}),
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
