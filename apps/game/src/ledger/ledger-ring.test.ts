import type { LedgerEntry } from '@hydra/protocol'
import { describe, expect, it } from 'vitest'
import {
  archiveFrom,
  hasEntry,
  openedLedger,
  pageEntries,
  pageToArchive,
  ringMax,
  withNoted,
  withoutPage,
  type Ledger,
} from './ledger-ring.ts'
import { holdsMax } from '../wallet/wallet.ts'

const opened = openedLedger({ gold: 1_000, exp: 0 }, 1_000)
const noted = (ledger: Ledger, reason: LedgerEntry['reason'] = 'sell', ref?: string) =>
  withNoted(ledger, { reason, ref, changes: { gold: 1, gems: 0 } }, 2_000)
const times = (count: number, ledger = opened) =>
  Array.from({ length: count }).reduce<Ledger>((before) => noted(before), ledger)

describe('the ledger of a role', () => {
  it('opens with what there is, and numbers what comes and goes', () => {
    expect(noted(opened, 'kill', 'k1')).toEqual({
      seq: 2,
      entries: [
        { seq: 1, atMs: 1_000, reason: 'opening', changes: { gold: 1_000 } },
        { seq: 2, atMs: 2_000, reason: 'kill', ref: 'k1', changes: { gold: 1 } },
      ],
    })
    expect(noted(opened).entries.at(-1)).not.toHaveProperty('ref')
  })

  it('tells entries apart by reason and ref together', () => {
    const ledger = noted(opened, 'kill', 'k1')
    expect(hasEntry(ledger, 'kill', 'k1')).toBe(true)
    expect(hasEntry(ledger, 'loot', 'k1')).toBe(false)
    expect(hasEntry(ledger, 'kill', 'k2')).toBe(false)
  })

  it('has a bound, and room beyond what is refused for the end of each payment', () => {
    const full = times(ringMax - holdsMax - 1)
    for (const reason of ['kill', 'hold', 'sell', 'use'] as const) {
      expect(() => noted(full, reason)).toThrow(expect.objectContaining({ code: 'SERVER_BUSY' }))
    }
    const ends = Array.from({ length: holdsMax }).reduce<Ledger>((ledger) => noted(ledger, 'release'), full)
    expect(ends.entries).toHaveLength(ringMax)
    expect(() => noted(ends, 'settle')).toThrow(expect.objectContaining({ code: 'SERVER_BUSY' }))
  })

  it('is archived by the page, and keeps the latest entries', () => {
    expect(pageToArchive(times(archiveFrom - 2))).toBeUndefined()
    const long = times(archiveFrom - 1)
    const page = pageToArchive(long) ?? []
    expect(page.map(({ seq }) => seq)).toEqual(Array.from({ length: pageEntries }, (_, index) => index + 1))
    const rest = withoutPage(long, page)
    expect(rest.seq).toBe(long.seq)
    expect(rest.entries).toEqual(long.entries.slice(pageEntries))
    expect(rest.entries.length).toBeGreaterThanOrEqual(32)
  })

  it('keeps what is not exactly what was archived', () => {
    const long = times(archiveFrom)
    const page = pageToArchive(long) ?? []
    const other = page.map((entry, index) => (index === 5 ? { ...entry, atMs: entry.atMs + 1 } : entry))
    expect(withoutPage(long, other)).toBe(long)
    expect(withoutPage(withoutPage(long, page), page)).toEqual(withoutPage(long, page))
    expect(withoutPage(long, [])).toBe(long)
  })

  it('refuses an entry of more assets than one may change', () => {
    const changes = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`item:a${index}`, 1]))
    expect(() => withNoted(opened, { reason: 'loot', changes }, 1)).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    )
  })
})
