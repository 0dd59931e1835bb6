import { ledgerReasons, limits, type LedgerEntry } from '@hydra/protocol'
import * as fc from 'fast-check'
import { assetsMax, ringMax, withNoted, type Ledger } from '../ledger/ledger-ring.ts'
import { newRole, type RoleState } from '../role/role.ts'

const count = fc.nat()
const item = fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/)
const asset = fc.oneof(
  fc.constantFrom('gold', 'held', 'gems', 'exp'),
  item.map((id) => `item:${id}`),
)
const changes = fc.dictionary(asset, fc.integer())
const ledgerEntry: fc.Arbitrary<LedgerEntry> = fc.record(
  {
    seq: fc.integer({ min: 1 }),
    atMs: count,
    reason: fc.constantFrom(...ledgerReasons),
    ref: fc.uuid(),
    changes,
  },
  { requiredKeys: ['seq', 'atMs', 'reason', 'changes'] },
)

/** Roles of any form that may be stored, whether the rules lead to it or not. */
export const anyRole: fc.Arbitrary<RoleState> = fc.record({
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
    gems: count,
    holds: fc.dictionary(
      fc.uuid(),
      fc.record({ amount: fc.integer({ min: 1 }), purpose: fc.constant('alliance' as const), atMs: count }),
    ),
    endedHolds: fc.array(fc.uuid(), { maxLength: 16 }),
  }),
  bag: fc.record({
    slots: fc.array(fc.option(fc.record({ item, count: fc.integer({ min: 1 }) })), {
      maxLength: limits.bagSlotsMax,
    }),
  }),
  ledger: fc.record({ seq: count, entries: fc.array(ledgerEntry, { maxLength: 20 }) }),
  operations: fc.record({ last: count, made: fc.array(count, { maxLength: limits.operationsKept }) }),
  daily: fc.record({ day: fc.constantFrom('', '2026-11-28'), kills: count, isClaimed: fc.boolean() }),
  place: fc.option(fc.record({ scene: item, x: count, y: count })),
  version: count,
})

/** A role that has as much of everything, in as many characters, as it may. */
export function largestRole(): RoleState {
  const latestMs = 8_640_000_000_000_000
  const longest = (index: number) => `${'x'.repeat(limits.tableIdMaxChars - 3)}${100 + index}`
  const largest = Object.fromEntries(
    Array.from({ length: assetsMax }, (_, index) => [`item:${longest(index)}`, Number.MIN_SAFE_INTEGER]),
  )
  const entry = { reason: 'opening', ref: 'x'.repeat(64), changes: largest } as const
  let ledger: Ledger = { seq: Number.MAX_SAFE_INTEGER - ringMax - 1, entries: [] }
  // As the end of a payment, each of the last has room.
  for (let index = 0; index < ringMax; index++)
    ledger = withNoted(ledger, { ...entry, reason: 'release' }, latestMs)
  const role = newRole({ rid: 'r1', uid: 'u1', name: 'Ada' }, latestMs)
  const last = Number.MAX_SAFE_INTEGER
  return {
    ...role,
    ledger,
    settings: Object.fromEntries(
      Array.from({ length: limits.settingsPerRoleMax }, (_, index) => [
        `${'x'.repeat(limits.settingKeyMaxChars - 3)}${100 + index}`,
        'x'.repeat(limits.settingValueMaxChars),
      ]),
    ),
    bag: {
      slots: Array.from({ length: limits.bagSlotsMax }, (_, index) => ({
        item: longest(index),
        count: limits.itemStackMax,
      })),
    },
    operations: {
      last,
      made: Array.from({ length: limits.operationsKept }, (_, index) => last - index),
    },
  }
}
