import { describe, expect, it } from 'vitest'
import { RecordingConnection } from '../test-support/recording-connection.ts'
import { Session } from './session.ts'
import { Sessions } from './sessions.ts'

const session = (sessionId: string, address?: string) =>
  new Session({ connection: new RecordingConnection(address), sessionId, nowMs: 0, rateBurst: 1 })

describe('Sessions', () => {
  it('finds sessions by id until they are removed', () => {
    const sessions = new Sessions({ maxConnections: 10, maxConnectionsPerIp: 10 })
    const [a, b] = [session('a'), session('b')]
    sessions.add(a)
    sessions.add(b)
    expect([sessions.get('a'), sessions.get('c'), sessions.size, [...sessions]]).toEqual([
      a,
      undefined,
      2,
      [a, b],
    ])
    sessions.remove(a)
    sessions.remove(a)
    expect([sessions.get('a'), sessions.size]).toEqual([undefined, 1])
  })

  it('bounds all connections, and those of one address or IPv6 network', () => {
    const sessions = new Sessions({ maxConnections: 4, maxConnectionsPerIp: 2 })
    const held = [session('a', '192.0.2.1'), session('b', '192.0.2.1'), session('c', '2001:db8::1')]
    for (const one of held) sessions.add(one)
    expect(sessions.hasRoomFor('192.0.2.1')).toBe(false)
    expect(sessions.hasRoomFor('192.0.2.2')).toBe(true)
    expect(sessions.hasRoomFor('2001:db8::2')).toBe(true)
    sessions.add(session('d', '2001:db8::ffff'))
    expect(sessions.hasRoomFor('198.51.100.1')).toBe(false)
    for (const one of held) sessions.remove(one)
    expect(sessions.hasRoomFor('192.0.2.1')).toBe(true)
  })

  it('lets a session go on under another id after a logout', () => {
    const sessions = new Sessions({ maxConnections: 10, maxConnectionsPerIp: 1 })
    const one = session('a')
    sessions.add(one)
    one.logIn({ uid: 'u', epoch: 7 })
    one.rid = 'r'
    expect(one.identity('gate')).toEqual({
      sessionId: 'a',
      gateId: 'gate',
      serializer: 'json',
      uid: 'u',
      epoch: 7,
      rid: 'r',
    })
    sessions.renew(one, 'a2')
    expect(one.identity('gate')).toEqual({ sessionId: 'a2', gateId: 'gate', serializer: 'json' })
    expect([sessions.get('a'), sessions.get('a2')]).toEqual([undefined, one])
    sessions.remove(one)
    expect([sessions.size, sessions.hasRoomFor(one.connection.remoteAddress)]).toEqual([0, true])
  })

  it('does not bring a session back that was removed during its logout', () => {
    const sessions = new Sessions({ maxConnections: 10, maxConnectionsPerIp: 1 })
    const one = session('a')
    sessions.add(one)
    sessions.remove(one)
    sessions.renew(one, 'a2')
    expect([sessions.size, sessions.get('a2'), one.sessionId]).toEqual([0, undefined, 'a2'])
  })
})
