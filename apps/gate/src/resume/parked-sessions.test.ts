import { ManualClock } from '@hydra/runtime'
import { describe, expect, it } from 'vitest'
import { Session } from '../session/session.ts'
import { RecordingConnection } from '../test-support/recording-connection.ts'
import { ParkedSessions } from './parked-sessions.ts'
import { PushReader } from './replay-log.ts'

function setUp(options: { readonly windowMs?: number; readonly maxParked?: number } = {}) {
  const clock = new ManualClock()
  const released: string[] = []
  const parked = new ParkedSessions({
    topics: { release: ({ sessionId }) => void released.push(sessionId) },
    clock,
    windowMs: 1_000,
    maxParked: 10,
    ...options,
  })
  const session = (sessionId: string) => {
    const one = new Session({ connection: new RecordingConnection(), sessionId, nowMs: 0, rateBurst: 1 })
    one.logIn({ uid: `u-${sessionId}`, epoch: 1 })
    one.rid = `r-${sessionId}`
    one.reader = new PushReader()
    return one
  }
  return { clock, parked, released, session }
}

describe('a parked session', () => {
  it('is kept for the window, then released', () => {
    const { clock, parked, released, session } = setUp()
    expect(parked.park(session('s1'))).toBe(true)
    clock.advance(999)
    expect(parked.get('s1')).toMatchObject({ uid: 'u-s1', rid: 'r-s1' })
    clock.advance(1)
    expect([parked.size, released]).toEqual([0, ['s1']])
  })

  it('that is taken is whose who took it', () => {
    const { clock, parked, released, session } = setUp()
    parked.park(session('s1'))
    expect(parked.take('s1')?.sessionId).toBe('s1')
    expect(parked.take('s1')).toBeUndefined()
    clock.advance(5_000)
    expect(released).toEqual([])
  })

  it('gives way to a younger one when there are too many', () => {
    const { parked, released, session } = setUp({ maxParked: 2 })
    for (const id of ['s1', 's2', 's3']) parked.park(session(id))
    expect([parked.size, released]).toEqual([2, ['s1']])
    parked.clear()
    expect([parked.size, released]).toEqual([0, ['s1', 's2', 's3']])
  })

  it('must have entered a role, over a connection that can be resumed', () => {
    const { parked, session } = setUp()
    const [noRole, noReader] = [session('s1'), session('s2')]
    noRole.rid = undefined
    noReader.reader = undefined
    expect([parked.park(noRole), parked.park(noReader), parked.size]).toEqual([false, false, 0])
    expect(setUp({ windowMs: 0 }).parked.park(session('s3'))).toBe(false)
  })
})
