import type { DisconnectReason } from '@hydra/protocol'
import type { Clock, Timer } from '@hydra/runtime'
import type { Session } from '../session/session.ts'

/** So many intervals without a packet end a session. */
const idleIntervals = 3

/** What watching for silence needs. */
export interface HeartbeatOptions {
  readonly heartbeatSeconds: number
  /** From connecting to the acknowledgement of the handshake. */
  readonly handshakeTimeoutMs: number
  readonly sessions: Iterable<Session>
  readonly close: (session: Session, reason: DisconnectReason) => void
  readonly clock: Clock
}

/**
 * Ends sessions that have gone silent and handshakes that do not come. One sweep over all sessions instead of a timer
 * for each: limits are exceeded by a quarter of the shorter one at most, and nothing that a backend does delays it.
 *
 * @returns how to stop.
 */
export function startHeartbeat(options: HeartbeatOptions): Timer {
  const { handshakeTimeoutMs, sessions, close, clock } = options
  const idleMs = options.heartbeatSeconds * 1_000 * idleIntervals
  return clock.every(Math.ceil(Math.min(idleMs, handshakeTimeoutMs) / 4), () => {
    const nowMs = clock.monotonicMs()
    for (const session of sessions) {
      if (session.phase === 'working') {
        if (nowMs - session.lastPacketMs >= idleMs) close(session, 'IDLE')
      } else if (nowMs - session.openedMs >= handshakeTimeoutMs) close(session, 'HANDSHAKE_TIMEOUT')
    }
  })
}
