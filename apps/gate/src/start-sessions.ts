import { createTopicMembers, type DeliverTopic, type RpcPeer } from '@hydra/rpc'
import { noTracer, type Lifecycle } from '@hydra/runtime'
import type { GateAppOptions } from './app.ts'
import type { GateMetrics } from './gate-metrics.ts'
import { SessionTopics } from './push/session-topics.ts'
import { ParkedSessions } from './resume/parked-sessions.ts'
import { ReplayLog } from './resume/replay-log.ts'
import { SessionCloser } from './session/close-session.ts'
import { SessionReleaser } from './session/release-session.ts'
import { ReplacedSessions } from './session/replaced-sessions.ts'
import type { Sessions } from './session/sessions.ts'

/** What the parts around sessions need. */
export interface StartSessionsOptions extends Omit<GateAppOptions, 'ids'> {
  readonly sessions: Sessions
  readonly peer: RpcPeer
  readonly gateMetrics: GateMetrics
  /** Called for each topic message that has members here. */
  readonly deliver: DeliverTopic
}

/** Starts what sessions hold and how they end; `lifecycle` stops it. */
export async function startSessions(options: StartSessionsOptions, lifecycle: Lifecycle) {
  const { config, cluster, sessions, peer, clock, log, metrics, gateMetrics, deliver } = options
  const { tracer = noTracer } = options
  const store = options.storage.stores.sessions
  const { bus, registry } = cluster
  const { maxConnections } = config.limits

  const members = await lifecycle.start(
    'topics',
    () => createTopicMembers({ bus, env: config.cluster.env, clock, log, metrics, deliver }),
    (part) => part.close(),
  )
  const replay = new ReplayLog(config.resume.bufferBytes)
  const topics = new SessionTopics(members, replay)
  const parked = await lifecycle.start(
    'parked sessions',
    () => new ParkedSessions({ topics, clock, windowMs: config.resume.windowMs, maxParked: maxConnections }),
    (part) => part.clear(),
  )

  const { leaveTimeoutMs, retryMinMs, retryMaxMs, giveUpMs } = config.release
  const retry = { firstDelayMs: retryMinMs, maxDelayMs: retryMaxMs, giveUpMs }
  const releaser = await lifecycle.start(
    'releaser',
    () =>
      new SessionReleaser({
        peer,
        registry,
        store,
        clock,
        log,
        metrics: gateMetrics,
        tracer,
        leaveTimeoutMs,
      }),
    (part) => part.stop(),
  )
  const closer = new SessionCloser({
    sessions,
    topics,
    parked,
    peer,
    releaser,
    retry,
    maxReleasing: 2 * maxConnections,
    log,
    metrics: gateMetrics,
  })
  const replacedSessions = await lifecycle.start(
    'replaced sessions',
    () =>
      new ReplacedSessions({
        gateId: peer.id,
        store,
        sessions,
        parked,
        closer,
        peer,
        registry,
        clock,
        log,
        kickTimeoutMs: config.gate.requestTimeoutMs / 2,
        retry,
      }),
    (part) => part.stop(),
  )
  return { topics, replay, parked, retry, releaser, closer, replacedSessions }
}
