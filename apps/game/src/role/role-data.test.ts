import type { JsonObject, RoleSnapshot } from '@hydra/persistence'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { currentSchema, fromSnapshot, toSnapshot, upgraded, upgrades } from './role-data.ts'
import type { RoleState } from './role.ts'

/** One role in each form that was ever stored: the entry at index 0 is version 1. Entries are never edited. */
const samples: readonly (Pick<RoleState, 'settings' | 'wallet'> & { readonly data: JsonObject })[] = [
  {
    data: { exp: 120, createdAtMs: 1_000, lastEnterAtMs: 2_000 },
    settings: {},
    wallet: { gold: 1_000, holds: {}, endedHolds: [] },
  },
  {
    data: {
      exp: 120,
      createdAtMs: 1_000,
      lastEnterAtMs: 2_000,
      settings: { language: 'eo', 'sound.volume': 0.5, 'chat.visible': false },
    },
    settings: { language: 'eo', 'sound.volume': 0.5, 'chat.visible': false },
    wallet: { gold: 1_000, holds: {}, endedHolds: [] },
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
      holds: { h2: { amount: 100, purpose: 'alliance', atMs: 3_000 } },
      endedHolds: ['h1'],
    },
  },
]

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
    ({ schema, sample: { data, settings, wallet } }) => {
      expect(fromSnapshot(snapshot({ schema, data }))).toEqual({
        rid: 'r1',
        uid: 'u1',
        name: 'Ada',
        level: 3,
        version: 9,
        exp: 120,
        createdAtMs: 1_000,
        lastEnterAtMs: 2_000,
        settings,
        wallet,
      })
    },
  )

  it('survive writing and reading', () => {
    const count = fc.nat()
    const role: fc.Arbitrary<RoleState> = fc.record({
      rid: fc.uuid(),
      uid: fc.uuid(),
      name: fc.constant('Ada'),
      level: fc.integer({ min: 1, max: 100 }),
      exp: count,
      createdAtMs: count,
      lastEnterAtMs: count,
      settings: fc.dictionary(
        fc.stringMatching(/^[A-Za-z][A-Za-z0-9._-]{0,9}$/),
        fc.oneof(fc.string(), fc.integer(), fc.boolean()),
      ),
      wallet: fc.record({
        gold: count,
        holds: fc.dictionary(
          fc.uuid(),
          fc.record({
            amount: fc.integer({ min: 1 }),
            purpose: fc.constant('alliance' as const),
            atMs: count,
          }),
        ),
        endedHolds: fc.array(fc.uuid(), { maxLength: 16 }),
      }),
      version: count,
    })
    fc.assert(
      fc.property(role, count, (state, epoch) => {
        const stored = JSON.parse(JSON.stringify(toSnapshot(state, epoch))) as RoleSnapshot
        expect(stored.epoch).toBe(epoch)
        expect(fromSnapshot(stored)).toEqual(state)
      }),
    )
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
