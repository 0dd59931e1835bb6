import { describe, expect, it } from 'vitest'
import { Ledger, type Shown } from './ledger.ts'

describe('the ledger', () => {
  /** A ledger after `count` updates, acknowledged with versions 1 to `count`. */
  const after = (count: number): Ledger => {
    const ledger = new Ledger('ada')
    for (let n = 1; n <= count; n++) ledger.acknowledge(ledger.next(), shown(n, n))
    return ledger
  }
  const shown = (n: number, version: number): Shown => ({
    version,
    settings: { n, player: 'ada', mark: `ada:${n}` },
  })
  const kinds = ({ findings }: Ledger) => findings.map(({ kind }) => kind)

  it('finds nothing where every update is answered and stored', () => {
    const ledger = after(3)
    ledger.see('a reader', shown(3, 3))
    ledger.close(shown(3, 3))
    expect(ledger.findings).toEqual([])
    expect(ledger.acknowledged).toBe(3)
  })

  it('lets an update that failed without certainty be there or not, until it was shown', () => {
    for (const n of [3, 4]) {
      const ledger = after(3)
      ledger.fail(ledger.next(), 'TIMEOUT')
      ledger.close(shown(n, n))
      expect(ledger.findings).toEqual([])
    }
    const ledger = after(3)
    ledger.fail(ledger.next(), 'TIMEOUT')
    ledger.see('a reader', shown(4, 4))
    ledger.close(shown(3, 3))
    expect(kinds(ledger)).toEqual(['lost', 'lost'])
  })

  it('lets a role have a newer version than the last update, as one that was entered again', () => {
    const ledger = after(3)
    ledger.enter(4)
    ledger.close(shown(3, 4))
    expect(ledger.findings).toEqual([])
  })

  it.each<[string, Shown | undefined, string[]]>([
    ['an older update', shown(2, 3), ['lost']],
    ['an older version', shown(3, 2), ['lost']],
    ['no role', undefined, ['lost']],
    ['a role without settings', { version: 3, settings: {} }, ['lost']],
    ['an update that nobody sent', shown(4, 4), ['garbled']],
    ["another player's", { version: 3, settings: { n: 3, player: 'bob', mark: 'bob:3' } }, ['garbled']],
    ['a mix of two', { version: 3, settings: { n: 3, player: 'ada', mark: 'ada:2' } }, ['garbled']],
  ])('finds in the database: %s', (_what, row, expected) => {
    const ledger = after(3)
    ledger.close(row)
    expect(kinds(ledger)).toEqual(expected)
  })

  it('finds an update that took effect late, over one that was acknowledged after it', () => {
    const ledger = after(3)
    ledger.fail(ledger.next(), 'TIMEOUT')
    ledger.acknowledge(ledger.next(), shown(5, 4))
    ledger.see('a reader', shown(4, 5))
    expect(ledger.findings).toMatchObject([{ kind: 'lost', player: 'ada' }])
  })

  it('finds a loss once, and goes on from there', () => {
    const ledger = after(3)
    ledger.see('a reader', shown(1, 1))
    ledger.see('a reader', shown(1, 1))
    ledger.acknowledge(ledger.next(), shown(4, 2))
    ledger.close(shown(4, 2))
    expect(kinds(ledger)).toEqual(['lost', 'lost'])
    expect(ledger.findings.map(({ what }) => what)).toEqual([
      'a reader shows version 1, after 3',
      'a reader shows update 1, after 3',
    ])
  })

  it('finds versions that do not grow, and an answer to another update', () => {
    const same = after(3)
    same.acknowledge(same.next(), shown(4, 3))
    expect(kinds(same)).toEqual(['reordered'])
    const other = after(3)
    other.next()
    other.acknowledge(4, shown(3, 4))
    expect(kinds(other)).toEqual(['reordered'])
  })

  it('finds an update that was refused as not begun', () => {
    const ledger = after(3)
    ledger.fail(ledger.next(), 'SERVER_BUSY')
    ledger.close(shown(4, 4))
    expect(kinds(ledger)).toEqual(['ghost'])
  })
})
