import {
  createRpcPeer,
  createTopicMembers,
  internalProtocol,
  type Announcement,
  type DeliverTopic,
} from '@hydra/rpc'
import { createSessionTokens, type Lifecycle } from '@hydra/runtime'
import type { GateAppOptions } from './app.ts'
import type { GateConfig } from './config.ts'
import { drain } from './drain.ts'
import { createGateMetrics } from './gate-metrics.ts'
import { createHandlers, createLocalHandlers } from './handlers.ts'
import { createHandshake } from './packet/handshake.ts'
import { startHeartbeat } from './packet/heartbeat.ts'
import { createPacketHandler } from './packet/on-packet.ts'
import { createDeliverTopic } from './push/deliver-topic.ts'
import { ServerChooser } from './request/choose-server.ts'
import { RequestForwarder } from './request/forward-request.ts'
import { MessageHandler } from './request/on-message.ts'
import { RouteRates } from './request/route-rates.ts'
import { Responder } from './request/respond.ts'
import { createAccept } from './session/accept-connection.ts'
import { SessionCloser } from './session/close-session.ts'
import { createLogOut } from './session/log-out.ts'
import { createOpenSession } from './session/open-session.ts'
import { SessionReleaser } from './session/release-session.ts'
import { ReplacedSessions } from './session/replaced-sessions.ts'
import { Sessions } from './session/sessions.ts'
import type { SocketServer, SocketServerOptions } from './socket/connection.ts'
import { openSocketServer } from './socket/open-socket-server.ts'
import { joinServers } from './socket/socket-servers.ts'
import { openTcpServer } from './socket/tcp-server.ts'
import { TrustedProxies } from './socket/trusted-proxies.ts'

/** How far the counters of packets and bytes may lag behind. */
const trafficFlushMs = 1_000

/** Starts the parts of a gate, each above those it needs; `lifecycle` stops them in reverse. */
export async function startGate(options: GateAppOptions, lifecycle: Lifecycle) {
  const { config, storage, clock, ids, metrics } = options
  const { bus, registry } = options.cluster
  const { env, zone, host: clusterHost } = config.cluster
  const gateId = ids.next()
  const log = options.log.child({ gate: gateId })

  const sessions = new Sessions(config.limits)
  const gateMetrics = createGateMetrics(metrics, {
    connections: () => sessions.counts(),
    releasing: () => closer.releasing,
  })
  const peer = await lifecycle.start(
    'peer',
    () =>
      createRpcPeer({
        self: { id: gateId, type: 'gate' },
        env,
        bus,
        registry,
        clock,
        ids,
        log,
        metrics,
        limits: config.rpc,
      }),
    (part) => part.close(config.drain.requestsMs),
  )
  // Nothing is delivered before a client has joined a topic, and no client can before the socket is open.
  let deliver: DeliverTopic = () => {}
  const topics = await lifecycle.start(
    'topics',
    () =>
      createTopicMembers({
        bus,
        env,
        clock,
        log,
        metrics,
        deliver: (topic, message) => deliver(topic, message),
      }),
    (part) => part.close(),
  )

  const { leaveTimeoutMs, retryMinMs, retryMaxMs, giveUpMs } = config.release
  const retry = { firstDelayMs: retryMinMs, maxDelayMs: retryMaxMs, giveUpMs }
  const releaser = await lifecycle.start(
    'releaser',
    () =>
      new SessionReleaser({
        peer,
        registry,
        store: storage.stores.sessions,
        clock,
        log,
        metrics: gateMetrics,
        leaveTimeoutMs,
      }),
    (part) => part.stop(),
  )
  const closer = new SessionCloser({
    sessions,
    topics,
    releaser,
    retry,
    maxReleasing: 2 * config.limits.maxConnections,
    log,
    metrics: gateMetrics,
  })
  const close = closer.close.bind(closer)

  const { requestTimeoutMs, compressMinBytes } = config.gate
  const replacedSessions = await lifecycle.start(
    'replaced sessions',
    () =>
      new ReplacedSessions({
        gateId,
        store: storage.stores.sessions,
        sessions,
        closer,
        peer,
        registry,
        clock,
        log,
        kickTimeoutMs: requestTimeoutMs / 2,
        retry,
      }),
    (part) => part.stop(),
  )
  const local = createLocalHandlers({
    'gate.session.login': createOpenSession({
      gateId,
      tokens: createSessionTokens({ ...config.token, clock }),
      accounts: storage.accounts,
      store: storage.stores.sessions,
      replacedSessions,
      closer,
      maxFailures: config.limits.loginAttempts,
      clock,
      log,
    }),
    'gate.session.logout': createLogOut({
      sessions,
      topics,
      releaser,
      retry: { ...retry, giveUpMs: requestTimeoutMs },
      ids,
      log,
    }),
  })
  const responder = new Responder(log, gateMetrics.traffic, compressMinBytes)
  const chooser = new ServerChooser({ peer, registry })
  const messages = new MessageHandler({
    forwarder: new RequestForwarder({ peer, chooser, responder, closer, clock, requestTimeoutMs }),
    local,
    responder,
    closer,
    clock,
    log,
    metrics: gateMetrics,
    rateLimit: config.limits,
    routeRates: new RouteRates(config.limits.routeRates, config.limits.rateRefusalsMax),
    pendingPerSession: config.limits.pendingPerSession,
    maxInflatedBytes: config.limits.maxInflatedBytes,
  })

  const { heartbeatSeconds, handshakeTimeoutMs } = config.gate
  const onBytes = createPacketHandler({
    handshake: createHandshake({ ...config.gate, validators: options.handshakeValidators ?? [] }),
    onMessage: messages.onMessage,
    close,
    clock,
    log,
    metrics: gateMetrics,
    maxPacketBytes: config.limits.maxPacketBytes,
  })
  await peer.serve('gate', createHandlers({ sessions, topics, closer }))

  const { port, transport, announcedHost, announcedPort } = config.gate
  const socketOptions = {
    ...socketLimits(config),
    accept: createAccept({
      sessions,
      closer,
      onBytes,
      rateBurst: config.limits.rateBurst,
      clock,
      ids,
      log,
      metrics: gateMetrics,
    }),
  }
  const server = await lifecycle.start(
    'socket',
    () => openSocketServer(transport, { ...socketOptions, port }, log),
    (part) => part.close(),
  )
  log.info({ ...server.address, transport: server.transport }, 'listening')
  const tcp = await startTcp(config, socketOptions, lifecycle)
  if (tcp !== undefined) log.info({ ...tcp.address, transport: tcp.transport }, 'listening')
  const servers = joinServers(tcp === undefined ? [server] : [server, tcp])
  deliver = createDeliverTopic(servers, gateMetrics, compressMinBytes)

  await lifecycle.start(
    'heartbeat',
    () => startHeartbeat({ heartbeatSeconds, handshakeTimeoutMs, sessions, close, clock }),
    (timer) => timer.cancel(),
  )
  await lifecycle.start(
    'traffic',
    () => clock.every(trafficFlushMs, () => gateMetrics.traffic.flush()),
    (timer) => timer.cancel(),
  )
  const announcement = await lifecycle.start<Announcement>(
    'announcement',
    () =>
      registry.announce({
        id: gateId,
        type: 'gate',
        zone,
        host: announcedHost ?? clusterHost,
        port: announcedPort ?? server.address.port,
        state: 'ready',
        metadata: {
          transport: server.transport,
          ...(tcp === undefined ? {} : { tcpPort: String(tcp.address.port) }),
        },
        startedAtMs: clock.nowMs(),
        protocol: internalProtocol,
      }),
    (part) => part.withdraw(),
  )
  return {
    address: server.address,
    drain: () => drain({ announcement, servers, messages, sessions, closer, clock, log, ...config.drain }),
  }
}

/** What all transports have in common. */
function socketLimits({ gate, limits }: Pick<GateConfig, 'gate' | 'limits'>) {
  const { host, tlsCertFile, tlsKeyFile, trustedProxies } = gate
  return {
    host,
    // Somewhat too long is read and refused with a reason; far too long is not read at all.
    maxMessageBytes: 2 * limits.maxPacketBytes,
    maxBackpressureBytes: limits.maxBackpressureBytes,
    tls:
      tlsCertFile === undefined || tlsKeyFile === undefined
        ? undefined
        : { certFile: tlsCertFile, keyFile: tlsKeyFile },
    trustedProxies: trustedProxies.length === 0 ? undefined : new TrustedProxies(trustedProxies),
  }
}

async function startTcp(
  { tcp: { port, tls, proxyProtocol } }: Pick<GateConfig, 'tcp'>,
  options: Omit<SocketServerOptions, 'port'>,
  lifecycle: Lifecycle,
): Promise<SocketServer | undefined> {
  if (port === undefined) return undefined
  const own = { ...options, port, proxyProtocol, tls: tls ? options.tls : undefined }
  return lifecycle.start(
    'tcp',
    () => openTcpServer(own),
    (part) => part.close(),
  )
}
