import { describe, expect, test } from 'vitest'
import { createCountingIds, createIds } from './ids.ts'
import { ManualClock } from './manual-clock.ts'

describe('createIds', () => {
  test('makes UUIDs of version 7 that sort by time', () => {
    const clock = new ManualClock()
    const ids = createIds(clock)
    const made = Array.from({ length: 50 }, () => {
      clock.advance(1)
      return ids.next()
    })
    for (const id of made)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(made.toSorted()).toEqual(made)
  })

  test('makes different ids in one millisecond, also from two makers', () => {
    const clock = new ManualClock()
    const makers = [createIds(clock), createIds(clock)]
    const made = makers.flatMap((ids) => Array.from({ length: 1_000 }, () => ids.next()))
    expect(new Set(made).size).toBe(2_000)
  })
})

test('createCountingIds counts', () => {
  const ids = createCountingIds('role')
  expect([ids.next(), ids.next()]).toEqual(['role-1', 'role-2'])
})
