import { describe, expect, test } from 'vitest'
import { listServers, publicType, type ListedServer } from './server-list.ts'

const gate: ListedServer = {
  id: 'g1',
  type: 'gate',
  zone: 'eu',
  host: 'play.example',
  port: 3_250,
  state: 'ready',
  metadata: {},
}

describe('listServers', () => {
  test('shows what a client needs and nothing else', () => {
    const record = { ...gate, metadata: { build: 'secret' }, startedAtMs: 1, protocol: 1 }
    const { state: _, metadata: __, ...shown } = gate
    expect(listServers([record])).toEqual({ servers: [{ ...shown, tls: false }] })
  })

  test('says of a gate that is reached by TLS that it is', () => {
    const { servers } = listServers([{ ...gate, metadata: { tls: 'true' } }])
    expect(servers).toMatchObject([{ tls: true }])
  })

  test('leaves out what is draining and what has no port', () => {
    const { port: _, ...portless } = gate
    expect(listServers([{ ...gate, state: 'draining' }, portless])).toEqual({ servers: [] })
  })
})

describe('publicType', () => {
  test('is gate', () => {
    expect(publicType('gate')).toBe('gate')
  })

  test.each(['game', 'chat', '', 'GATE'])('is not %j', (type) => {
    expect(() => publicType(type)).toThrow(
      expect.objectContaining({
        code: 'BAD_REQUEST',
        metadata: { path: 'serverType', expectation: expect.any(String) },
      }),
    )
  })
})
