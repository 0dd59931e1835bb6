import { createRpcPeer, internalProtocol, type Announcement, type DeliverTopic } from '@hydra/rpc'
import { createSessionTokens, noTracer, type Lifecycle } from '@hydra/runtime'
import type { GateAppOptions } from './app.ts'
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
import { AccountControl } from './session/account-control.ts'
import { createResume } from './resume/resume-session.ts'
import { createAccept } from './session/accept-connection.ts'
import { createLogOut } from './session/log-out.ts'
import { createOpenSession } from './session/open-session.ts'
import { createRenewToken } from './session/renew-token.ts'
import { Sessions } from './session/sessions.ts'
import { startSessions } from './start-sessions.ts'
import { openGateSockets } from './socket/open-gate-sockets.ts'

/** How far the counters of packets and bytes may lag behind. */
const trafficFlushMs = 1_000

/** Starts the parts of a gate, each above those it needs; `lifecycle` stops them in reverse. */
export async function startGate(options: GateAppOptions, lifecycle: Lifecycle) {
  const { config, storage, clock, ids, metrics, tracer = noTracer } = options
  const { bus, registry } = options.cluster
  const { env, zone, host: clusterHost } = config.cluster
  const gateId = ids.next()
  const log = options.log.child({ gate: gateId })

  const sessions = new Sessions(config.limits)
  const gateMetrics = createGateMetrics(metrics, {
    connections: () => sessions.counts(),
    backpressure: () => sessions.backpressure(),
    releasing: () => closer.releasing,
    parked: () => parked.size,
    replayBytes: () => replay.bytes,
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
        tracer,
      }),
    (part) => part.close(config.drain.requestsMs),
  )
  // Nothing is delivered before a client has joined a topic, and no client can before the socket is open.
  let deliver: DeliverTopic = () => {}
  const parts = await startSessions(
    { ...options, log, sessions, peer, gateMetrics, deliver: (topic, message) => deliver(topic, message) },
    lifecycle,
  )
  const { topics, replay, parked, retry, releaser, closer, replacedSessions } = parts
  const close = closer.close.bind(closer)

  const { requestTimeoutMs, compressMinBytes } = config.gate
  const chooser = new ServerChooser({ peer, registry })
  const resume = createResume({
    parked,
    replay,
    topics,
    peer,
    chooser,
    log,
    resumes: gateMetrics.resumes,
    enterTimeoutMs: requestTimeoutMs,
    // With as much again to come before the client counts as one that does not read.
    maxReplayBytes: config.limits.maxBackpressureBytes / 2,
    compressMinBytes,
  })
  const tokens = createSessionTokens({ ...config.token, clock })
  const local = createLocalHandlers({
    'gate.session.login': createOpenSession({
      peer,
      tokens,
      accounts: storage.accounts,
      store: storage.stores.sessions,
      replacedSessions,
      closer,
      resume,
      maxFailures: config.limits.loginAttempts,
      clock,
      log,
    }),
    'gate.session.renew': createRenewToken({ tokens, accounts: storage.accounts, clock }),
    'gate.session.logout': createLogOut({
      sessions,
      topics,
      peer,
      releaser,
      retry: { ...retry, giveUpMs: requestTimeoutMs },
      ids,
      log,
    }),
  })
  const responder = new Responder(log, gateMetrics, compressMinBytes)
  const messages = new MessageHandler({
    forwarder: new RequestForwarder({ peer, chooser, responder, closer, clock, log, requestTimeoutMs }),
    local,
    responder,
    closer,
    clock,
    log,
    metrics: gateMetrics,
    tracer,
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
    controlRate: {
      ratePerSecond: config.limits.heartbeatsPerSecond,
      rateBurst: config.limits.heartbeatsBurst,
      rateRefusalsMax: 0,
    },
  })
  const accounts = new AccountControl({
    accounts: storage.accounts,
    store: storage.stores.sessions,
    peer,
    log,
    kickTimeoutMs: requestTimeoutMs / 2,
  })
  await peer.serve('gate', createHandlers({ sessions, topics, parked, closer, accounts }))

  const accept = createAccept({
    sessions,
    closer,
    onBytes,
    rateBurst: config.limits.rateBurst,
    clock,
    ids,
    log,
    metrics: gateMetrics,
  })
  const { servers, address, metadata } = await openGateSockets(config, accept, { lifecycle, log })
  deliver = createDeliverTopic(servers, replay, gateMetrics, compressMinBytes)

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
        host: config.gate.announcedHost ?? clusterHost,
        port: config.gate.announcedPort ?? address.port,
        state: 'ready',
        metadata: {
          ...metadata,
          tls: String(config.gate.announcedTls ?? config.gate.tlsCertFile !== undefined),
        },
        startedAtMs: clock.nowMs(),
        protocol: internalProtocol,
      }),
    (part) => part.withdraw(),
  )
  return {
    address,
    drain: () =>
      drain({
        announcement,
        servers,
        messages,
        sessions,
        closer,
        clock,
        log,
        metrics: gateMetrics,
        ...config.drain,
      }),
  }
}
