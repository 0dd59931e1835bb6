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
    expect(listServers([record])).toEqual({ servers: [shown] })
  })

  test.each([
    ['true', true],
    ['false', false],
  ])('says what a gate says of TLS: %s', (said, tls) => {
    const { servers } = listServers([{ ...gate, metadata: { tls: said } }])
    expect(servers).toMatchObject([{ tls }])
  })

  test('says nothing of TLS where the gate does not', () => {
    const { servers } = listServers([gate])
    expect(Object.keys(servers[0] ?? {})).not.toContain('tls')
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
