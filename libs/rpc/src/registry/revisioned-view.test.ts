import { ManualClock, silentLogger } from '@hydra/runtime'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ClusterView } from './cluster-view.ts'
import { serverRecord } from './registry.contract.ts'
import type { RegistryEvent } from './registry.ts'
import { RevisionedView } from './revisioned-view.ts'

function open() {
  const clock = new ManualClock()
  const view = new ClusterView(silentLogger)
  const events: string[] = []
  view.watch(({ kind, server }: RegistryEvent) => events.push(`${server.id} ${kind}`))
  return { clock, view, events, revisioned: new RevisionedView(view, clock) }
}

const at = (id: string, modRevision: number, host = String(modRevision)) => ({
  server: serverRecord({ id, host }),
  modRevision,
})

describe('departures after an outage', () => {
  test('are held back and forgotten when the server comes back', () => {
    const { clock, events, revisioned } = open()
    revisioned.put(at('a', 1, 'same'))
    revisioned.doubtDepartures(5_000)
    revisioned.remove('a', 2)
    clock.advance(4_999)
    revisioned.put(at('a', 3, 'same'))
    clock.advance(10_000)
    expect(events).toEqual(['a joined', 'a changed'].slice(0, events.length))
    expect(events).not.toContain('a left')
    expect(clock.pendingTimers).toBe(0)
  })

  test('take effect at the end of the grace otherwise', () => {
    const { clock, view, events, revisioned } = open()
    revisioned.put(at('a', 1))
    revisioned.put(at('b', 1))
    revisioned.doubtDepartures(5_000)
    revisioned.remove('a', 2)
    revisioned.read([], [], 3, 3)
    clock.advance(4_999)
    expect(view.ids()).toEqual(['a', 'b'])
    clock.advance(1)
    expect(view.ids()).toEqual([])
    expect(events.slice(2)).toEqual(['a left', 'b left'])
  })

  test('take effect at once without an outage, and after the grace', () => {
    const { clock, view, revisioned } = open()
    revisioned.put(at('a', 1))
    revisioned.put(at('b', 1))
    revisioned.remove('a', 2)
    expect(view.ids()).toEqual(['b'])
    revisioned.doubtDepartures(5_000)
    clock.advance(5_000)
    revisioned.remove('b', 3)
    expect(view.ids()).toEqual([])
  })

  test('leave no timer behind when the view is closed', () => {
    const { clock, revisioned } = open()
    revisioned.put(at('a', 1))
    revisioned.doubtDepartures(5_000)
    revisioned.remove('a', 2)
    revisioned.close()
    expect(clock.pendingTimers).toBe(0)
  })
})

test('a reading that is older than what is known reports that etcd has lost its data, and counts', () => {
  const { view, revisioned } = open()
  revisioned.put(at('a', 40))
  revisioned.put(at('b', 41))
  expect(revisioned.read([at('b', 2)], ['b'], 3, 41)).toBe(false)
  expect(view.ids()).toEqual(['b'])
  expect(view.get('b')?.host).toBe('2')
  revisioned.put(at('c', 4))
  expect(view.ids()).toEqual(['b', 'c'])
})

test('an entry that cannot be read does not remove the server that stood there', () => {
  const { view, revisioned } = open()
  revisioned.put(at('a', 1))
  revisioned.read([], ['a'], 5, 1)
  expect(view.ids()).toEqual(['a'])
})

/**
 * etcd as a list of changes; the i-th has revision i + 1. Watch events come in order, but late; readings are answered
 * as of the moment they were asked for and arrive any time later; own puts arrive before their watch event.
 */
test('events, readings and own puts in any interleaving end in what etcd holds', () => {
  const change = fc.record({ id: fc.constantFrom('a', 'b', 'c'), put: fc.boolean(), own: fc.boolean() })
  const step = fc.oneof(
    fc.record({ kind: fc.constant('change' as const), change }),
    fc.record({ kind: fc.constant('deliver' as const) }),
    fc.record({ kind: fc.constant('ask' as const) }),
    fc.record({ kind: fc.constant('answer' as const) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { view, revisioned } = open()
      const log: { id: string; put: boolean }[] = []
      let delivered = 0
      const asked: { revision: number; atLeast: number }[] = []

      const holdsAt = (revision: number) => {
        const held = new Map<string, number>()
        log.slice(0, revision).forEach(({ id, put }, index) => {
          if (put) held.set(id, index + 1)
          else held.delete(id)
        })
        return held
      }
      const deliver = () => {
        const event = log[delivered++]
        if (event === undefined) return void delivered--
        if (event.put) revisioned.put(at(event.id, delivered))
        else revisioned.remove(event.id, delivered)
      }
      const answer = () => {
        const reading = asked.shift()
        if (reading === undefined) return
        const held = [...holdsAt(reading.revision)].map(([id, revision]) => at(id, revision))
        const ids = held.map(({ server }) => server.id)
        expect(revisioned.read(held, ids, reading.revision, reading.atLeast)).toBe(true)
      }

      for (const next of steps) {
        if (next.kind === 'change') {
          log.push(next.change)
          if (next.change.put && next.change.own) revisioned.put(at(next.change.id, log.length))
        } else if (next.kind === 'deliver') deliver()
        else if (next.kind === 'ask') asked.push({ revision: log.length, atLeast: revisioned.newestRevision })
        else answer()
      }
      while (delivered < log.length) deliver()
      while (asked.length > 0) answer()
      const shown = view.ids().map((id) => [id, Number(view.get(id)?.host)] as const)
      expect(new Map(shown)).toEqual(holdsAt(log.length))
    }),
    { numRuns: 1_000 },
  )
})
