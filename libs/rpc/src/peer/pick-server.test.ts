import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { serverRecord } from '../registry/registry.contract.ts'
import type { ServerRecord } from '../registry/registry.ts'
import { ServerPicker, type Routers } from './pick-server.ts'

function open(servers: readonly ServerRecord[], routers?: Routers) {
  const calls = new Map<string, number>()
  const registry = {
    list: () => servers,
    get: (id: string) => servers.find((server) => server.id === id),
  }
  const picker = new ServerPicker({
    registry,
    selfId: 'gate-1',
    routers,
    outstanding: (id) => calls.get(id) ?? 0,
  })
  return { picker, calls, pick: (target: Parameters<ServerPicker['pick']>[0]) => picker.pick(target).id }
}

const game = (id: string, change: Partial<ServerRecord> = {}) => serverRecord({ type: 'game', id, ...change })
const draining = game('old', { state: 'draining' })

describe('a server is chosen', () => {
  test('by load: never one that has more calls than another, each in turn among equals', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { minLength: 1, maxLength: 8 }), (loads) => {
        const servers = loads.map((_, index) => game(`g${index}`))
        const { calls, pick } = open(servers)
        loads.forEach((load, index) => calls.set(`g${index}`, load))
        const least = Math.min(...loads)
        const idle = loads.flatMap((load, index) => (load === least ? [`g${index}`] : []))
        const picked = Array.from({ length: loads.length * 2 }, () => pick({ type: 'game', by: 'load' }))
        expect(new Set(picked)).toEqual(new Set(idle))
      }),
    )
  })

  test('by a router of one line, from those that take new work', () => {
    const servers = [draining, game('a', { zone: 'east' }), game('b', { zone: 'west' })]
    const seen: string[][] = []
    const { pick } = open(servers, {
      game: (offered) => {
        seen.push(offered.map(({ id }) => id))
        return offered.find(({ zone }) => zone === 'west')
      },
    })
    expect(pick({ type: 'game', key: 'u1' })).toBe('b')
    expect(pick({ type: 'game' })).toBe('b')
    // A server that is named is not asked about, also while it drains.
    expect(pick({ server: 'old' })).toBe('old')
    expect(seen).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
  })

  test('by a router that finds none, or makes one up: an error that says so', () => {
    const none = open([game('a')], { game: () => undefined })
    expect(() => none.pick({ type: 'game' })).toThrow(expect.objectContaining({ code: 'NO_SERVER' }))
    const wrong = open([game('a'), draining], { game: () => draining })
    expect(() => wrong.pick({ type: 'game' })).toThrow(expect.objectContaining({ code: 'INTERNAL' }))
  })

  test.each([{ type: 'game' }, { type: 'game', by: 'load' }, { type: 'game', key: 'u1' }] as const)(
    'never a draining one for %j',
    (target) => {
      const { pick } = open([draining, game('a')])
      for (let count = 0; count < 10; count++) expect(pick(target)).toBe('a')
      expect(() => open([draining]).pick(target)).toThrow(expect.objectContaining({ code: 'NO_SERVER' }))
    },
  )
})
