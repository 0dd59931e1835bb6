import type { LedgerEntry } from '@hydra/protocol'
import { describe, expect, it } from 'vitest'
import { balanceOf, Receipts } from './receipts.ts'

const role = { rid: 'r', name: 'Ada', level: 1, exp: 6, createdAtMs: 0, lastEnterAtMs: 0 }
const reward = (version: number) => ({
  reason: 'kill',
  exp: 6,
  gold: 2,
  gems: 0,
  items: [],
  role: { ...role, version },
})
const ledger: readonly LedgerEntry[] = [
  { seq: 3, atMs: 3, reason: 'sell', changes: { 'item:jelly': -1, gold: 2 } },
  { seq: 2, atMs: 2, reason: 'loot', changes: { 'item:jelly': 1 } },
  { seq: 1, atMs: 1, reason: 'kill', changes: { exp: 6, gold: 2 } },
]

function told(): Receipts {
  const receipts = new Receipts()
  receipts.onPush('game.role.rewarded', reward(7))
  // Sent again after a reconnect.
  receipts.onPush('game.role.rewarded', reward(7))
  receipts.onAnswer('game.scene.pick', {}, { item: 'jelly', count: 1 })
  receipts.onAnswer('game.bag.sell', { item: 'jelly', count: 1 }, {})
  return receipts
}

describe('receipts', () => {
  it('are found in the ledger', () => {
    expect(told().missingIn(ledger)).toEqual([])
  })

  it('miss each entry that is lost', () => {
    for (const lost of ledger) {
      expect(told().missingIn(ledger.filter((entry) => entry !== lost)).length).toBeGreaterThan(0)
    }
  })

  it('miss nothing of which the answer was lost', () => {
    const receipts = new Receipts()
    receipts.onAnswer('game.scene.pick', {}, undefined)
    expect(receipts.missingIn(ledger)).toEqual([])
  })
})

it('a ledger adds up, and has no gaps', () => {
  expect(balanceOf(ledger)).toEqual(
    new Map([
      ['exp', 6],
      ['gold', 4],
    ]),
  )
  expect(() => balanceOf(ledger.slice(0, 2))).toThrow('Entry 1 is missing')
})
