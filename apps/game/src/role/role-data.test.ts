import { roleDataMaxChars, storageObjectLimits, type JsonObject, type RoleSnapshot } from '@hydra/persistence'
import type { LedgerEntry } from '@hydra/protocol'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pageEntries, ringMax } from '../ledger/ledger-ring.ts'
import { anyRole, largestRole } from '../test-support/any-role.ts'
import { currentSchema, fromSnapshot, toSnapshot, upgraded, upgrades } from './role-data.ts'
import type { RoleState } from './role.ts'

/** Of all samples. */
const columns = { rid: 'r1', uid: 'u1', name: 'Ada', level: 3, version: 9 }
const times = { createdAtMs: 1_000, lastEnterAtMs: 2_000 }

/** One role in each form that was ever stored: the entry at index 0 is version 1. Entries are never edited. */
const samples: readonly (Omit<RoleState, keyof typeof columns | 'exp' | keyof typeof times> & {
  readonly data: JsonObject
})[] = [
  {
    data: { exp: 120, createdAtMs: 1_000, lastEnterAtMs: 2_000 },
    settings: {},
    wallet: { gold: 1_000, gems: 0, holds: {}, endedHolds: [] },
    ...beforeWorld({ gold: 1_000, exp: 120 }),
  },
  {
    data: {
      exp: 120,
      createdAtMs: 1_000,
      lastEnterAtMs: 2_000,
      settings: { language: 'eo', 'sound.volume': 0.5, 'chat.visible': false },
    },
    settings: { language: 'eo', 'sound.volume': 0.5, 'chat.visible': false },
    wallet: { gold: 1_000, gems: 0, holds: {}, endedHolds: [] },
    ...beforeWorld({ gold: 1_000, exp: 120 }),
  },
  {
    data: {
      exp: 120,
      createdAtMs: 1_000,
      lastEnterAtMs: 2_000,
      settings: { language: 'eo' },
      wallet: {
        gold: 700,
        holds: { h2: { amount: 100, purpose: 'alliance', atMs: 3_000 } },
        endedHolds: ['h1'],
      },
    },
    settings: { language: 'eo' },
    wallet: {
      gold: 700,
      gems: 0,
      holds: { h2: { amount: 100, purpose: 'alliance', atMs: 3_000 } },
      endedHolds: ['h1'],
    },
    ...beforeWorld({ gold: 700, held: 100, exp: 120 }),
  },
  {
    data: {
      exp: 120,
      createdAtMs: 1_000,
      lastEnterAtMs: 2_000,
      settings: { language: 'eo' },
      wallet: {
        gold: 700,
        gems: 12,
        holds: { h2: { amount: 100, purpose: 'alliance', atMs: 3_000 } },
        endedHolds: ['h1'],
      },
      bag: { slots: [{ item: 'potion-small', count: 3 }, null] },
      ledger: {
        seq: 34,
        entries: [
          { seq: 33, atMs: 4_000, reason: 'hold', ref: 'h2', changes: { gold: -100, held: 100 } },
          { seq: 34, atMs: 5_000, reason: 'use', changes: { 'item:box': -1, 'item:potion-small': 3 } },
        ],
      },
      operations: { last: 7, made: [3, 7] },
      daily: { day: '2026-11-28', kills: 4, isClaimed: true },
      place: { scene: 'meadow', x: 1_200, y: 3_400 },
    },
    settings: { language: 'eo' },
    wallet: {
      gold: 700,
      gems: 12,
      holds: { h2: { amount: 100, purpose: 'alliance', atMs: 3_000 } },
      endedHolds: ['h1'],
    },
    bag: { slots: [{ item: 'potion-small', count: 3 }, null] },
    ledger: {
      seq: 34,
      entries: [
        { seq: 33, atMs: 4_000, reason: 'hold', ref: 'h2', changes: { gold: -100, held: 100 } },
        { seq: 34, atMs: 5_000, reason: 'use', changes: { 'item:box': -1, 'item:potion-small': 3 } },
      ],
    },
    operations: { last: 7, made: [3, 7] },
    daily: { day: '2026-11-28', kills: 4, isClaimed: true },
    place: { scene: 'meadow', x: 1_200, y: 3_400 },
  },
]

/** What roles get that were stored before there was a world. */
function beforeWorld(changes: LedgerEntry['changes']) {
  return {
    bag: { slots: Array.from({ length: 40 }, () => null) },
    ledger: { seq: 1, entries: [{ seq: 1, atMs: 1_000, reason: 'opening' as const, changes }] },
    operations: { last: 0, made: [] },
    daily: { day: '', kills: 0, isClaimed: false },
    place: null,
  }
}

const snapshot = (change: Partial<RoleSnapshot> = {}): RoleSnapshot => ({
  rid: 'r1',
  uid: 'u1',
  name: 'Ada',
  level: 3,
  epoch: 7,
  version: 9,
  schema: currentSchema,
  data: {
    exp: 1,
    createdAtMs: 2,
    lastEnterAtMs: 3,
    settings: {},
    wallet: { gold: 4, holds: {}, endedHolds: [] },
  },
  ...change,
})

describe('stored roles', () => {
  it('have a sample of each version', () => {
    expect(samples).toHaveLength(currentSchema)
  })

  it.each(samples.map((sample, index) => ({ schema: index + 1, sample })))(
    'of version $schema load',
    ({ schema, sample: { data, ...rest } }) => {
      expect(fromSnapshot(snapshot({ schema, data }))).toEqual({ ...columns, ...times, exp: 120, ...rest })
    },
  )

  it('survive writing and reading', () => {
    fc.assert(
      fc.property(anyRole, fc.nat(), (state, epoch) => {
        const stored = JSON.parse(JSON.stringify(toSnapshot(state, epoch))) as RoleSnapshot
        expect(stored.epoch).toBe(epoch)
        expect(fromSnapshot(stored)).toEqual(state)
      }),
    )
  })

  it('stay far below the bound of their size, however full they are', () => {
    const role = largestRole()
    expect(role.ledger.entries).toHaveLength(ringMax)
    expect(JSON.stringify(toSnapshot(role, 1).data).length).toBeLessThan(roleDataMaxChars / 2)
    const page = { entries: role.ledger.entries.slice(0, pageEntries) }
    expect(JSON.stringify(page).length).toBeLessThan(storageObjectLimits.valueMaxChars)
  })

  it('name role and version when the data is broken or newer than the server', () => {
    expect(() => fromSnapshot(snapshot({ data: { exp: -1 } }))).toThrow(/role r1/)
    expect(() => fromSnapshot(snapshot({ schema: currentSchema + 1 }))).toThrow(/version/)
    expect(() => fromSnapshot(snapshot({ schema: 0 }))).toThrow(/version/)
  })
})

describe('upgraded', () => {
  const list = [
    (data: JsonObject) => ({ ...data, gold: 0 }),
    (data: JsonObject) => {
      const { gold, ...rest } = data
      return { ...rest, purse: { gold: gold ?? 0 } }
    },
  ]

  it('applies exactly the steps that follow the stored version, in order', () => {
    expect(upgraded({ exp: 1 }, 1, list)).toEqual({ exp: 1, purse: { gold: 0 } })
    expect(upgraded({ exp: 1, gold: 5 }, 2, list)).toEqual({ exp: 1, purse: { gold: 5 } })
    expect(upgraded({ exp: 1, purse: { gold: 5 } }, 3, list)).toEqual({ exp: 1, purse: { gold: 5 } })
  })

  it('has one step per earlier version', () => {
    expect(currentSchema).toBe(upgrades.length + 1)
  })
})
