import { pushes } from '@hydra/protocol'
import type { Announcement } from '@hydra/rpc'
import type { Clock, Logger } from '@hydra/runtime'
import type { GateMetrics } from './gate-metrics.ts'
import { sendToAll } from './push/send-to-all.ts'
import type { MessageHandler } from './request/on-message.ts'
import type { SessionCloser } from './session/close-session.ts'
import type { Sessions } from './session/sessions.ts'
import type { SocketServer } from './socket/connection.ts'

/** So many sessions are closed in one turn of the event loop. */
const sessionsPerTurn = 500

/** What draining needs. */
export interface DrainOptions {
  readonly announcement: Announcement
  readonly servers: Pick<SocketServer, 'stopListening'>
  readonly messages: MessageHandler
  readonly sessions: Sessions
  readonly closer: SessionCloser
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Pick<GateMetrics, 'pushes' | 'traffic'>
  readonly noticeMs: number
  readonly requestsMs: number
  readonly releasesMs: number
}

/**
 * Empties a gate in a fixed order: no new connections; clients are told to go elsewhere and served on for a while; no
 * new requests; the requests under way are answered; who is left is kicked; game servers confirm every role. Each step
 * has its bound.
 */
export async function drain(options: DrainOptions): Promise<void> {
  const { announcement, servers, messages, sessions, closer, clock, log, metrics } = options
  const { noticeMs, requestsMs, releasesMs } = options
  const announced = announcement.update({ state: 'draining' }).catch((err: unknown) => {
    log.warn({ err }, 'the registry was not told that this gate is draining')
  })
  servers.stopListening()
  if (noticeMs > 0) {
    sendToAll(sessions, pushes.gate.server.draining, { closesInMs: noticeMs + requestsMs }, metrics)
    await within(clock, noticeMs, sessions.whenEmpty())
  }
  await within(clock, requestsMs, Promise.all([announced, messages.drain()]))

  const { size } = sessions
  for (
    let batch = take(sessions, sessionsPerTurn);
    batch.length > 0;
    batch = take(sessions, sessionsPerTurn)
  ) {
    for (const session of batch) closer.close(session, 'SHUTDOWN')
    await new Promise((resolve) => setImmediate(resolve))
  }
  const isSettled = await within(clock, releasesMs, closer.settled())
  if (isSettled) log.info({ sessions: size }, 'drained')
  else
    log.error({ sessions: size, releasing: closer.releasing }, 'drained, but some roles were not confirmed')
}

function take<T>(items: Iterable<T>, count: number): readonly T[] {
  const taken: T[] = []
  for (const item of items) {
    taken.push(item)
    if (taken.length === count) break
  }
  return taken
}

/** Waits for a promise for a bounded time; answers whether it was enough. */
async function within(clock: Clock, timeoutMs: number, promise: Promise<unknown>): Promise<boolean> {
  let cancel = () => {}
  const expired = new Promise<false>((resolve) => {
    const timer = clock.after(timeoutMs, () => resolve(false))
    cancel = () => timer.cancel()
  })
  try {
    return await Promise.race([promise.then(() => true), expired])
  } finally {
    cancel()
  }
}
