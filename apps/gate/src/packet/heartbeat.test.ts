import type { DisconnectReason } from '@hydra/protocol'
import { ManualClock } from '@hydra/runtime'
import { describe, expect, it } from 'vitest'
import { Session } from '../session/session.ts'
import { RecordingConnection } from '../test-support/recording-connection.ts'
import { startHeartbeat } from './heartbeat.ts'

function setUp() {
  const clock = new ManualClock()
  const sessions = new Set<Session>()
  const ended: [string, DisconnectReason, number][] = []
  const timer = startHeartbeat({
    heartbeatSeconds: 10,
    handshakeTimeoutMs: 4_000,
    sessions,
    close: (session, reason) => {
      session.phase = 'closed'
      sessions.delete(session)
      ended.push([session.sessionId, reason, clock.monotonicMs()])
    },
    clock,
  })
  const connect = (sessionId: string) => {
    const session = new Session({
      connection: new RecordingConnection(),
      sessionId,
      nowMs: clock.monotonicMs(),
      rateBurst: 1,
    })
    sessions.add(session)
    return session
  }
  return { clock, ended, connect, timer }
}

describe('heartbeat', () => {
  it('ends a session after three intervals without a packet, not before', () => {
    const { clock, ended, connect } = setUp()
    const silent = connect('silent')
    const lively = connect('lively')
    silent.phase = lively.phase = 'working'
    for (let second = 0; second < 29; second++) {
      clock.advance(1_000)
      lively.lastPacketMs = clock.monotonicMs()
    }
    expect(ended).toEqual([])
    clock.advance(1_000)
    lively.lastPacketMs = clock.monotonicMs()
    expect(ended).toEqual([['silent', 'IDLE', 30_000]])
    clock.advance(29_000)
    expect(ended).toHaveLength(1)
    clock.advance(1_000)
    expect(ended).toEqual([
      ['silent', 'IDLE', 30_000],
      ['lively', 'IDLE', 60_000],
    ])
  })

  it('ends a handshake that is not completed in time, however far it came', () => {
    const { clock, ended, connect } = setUp()
    connect('mute')
    clock.advance(500)
    const halfway = connect('halfway')
    halfway.phase = 'awaiting-ack'
    clock.advance(3_499)
    // Packets do not prolong it.
    halfway.lastPacketMs = clock.monotonicMs()
    expect(ended).toEqual([])
    clock.advance(1)
    expect(ended).toEqual([['mute', 'HANDSHAKE_TIMEOUT', 4_000]])
    clock.advance(1_000)
    expect(ended[1]).toEqual(['halfway', 'HANDSHAKE_TIMEOUT', 5_000])
  })

  it('uses one timer for all sessions and gives it back', () => {
    const { clock, connect, timer } = setUp()
    for (let i = 0; i < 1_000; i++) connect(`s${i}`)
    expect(clock.pendingTimers).toBe(1)
    timer.cancel()
    expect(clock.pendingTimers).toBe(0)
  })
})
