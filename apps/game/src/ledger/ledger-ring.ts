import { isDeepStrictEqual } from 'node:util'
import { HydraError, type LedgerEntry } from '@hydra/protocol'

/** Everything of value that came and went: the latest entries. Older ones are storage objects, page by page. */
export type Ledger = Readonly<{
  /** Number of the last entry. */
  seq: number
  /** Ascending, without gaps, up to `seq`. */
  entries: readonly LedgerEntry[]
}>

/** Entries that wait in the role while the archive does not take them; the last ones are kept for ends of payments. */
export const ringMax = 256
/** As many as a role may have payments under way: each has room for the entry of its end, whatever else is refused. */
const keptForEnds = 8
/** From so many entries on, the oldest page is archived. */
export const archiveFrom = 64
/** Most assets that one entry changes: an entry, and so a full ring and a page, has a bounded size. */
export const assetsMax = 16
/** Entries of a page. What stays in the ring afterwards is what rewards are told apart by, see {@link hasEntry}. */
export const pageEntries = 32

/** What an entry says, before it has its number. */
export type NewEntry = Pick<LedgerEntry, 'reason' | 'changes'> & { readonly ref?: string | undefined }

/** The ledger of a role that begins with something. */
export function openedLedger(changes: LedgerEntry['changes'], atMs: number): Ledger {
  return { seq: 1, entries: [{ seq: 1, atMs, reason: 'opening', changes: withoutZeros(changes) }] }
}

/** Whether an entry of a reason and a ref is among the latest ones: what it is about has been done. */
export function hasEntry({ entries }: Ledger, reason: LedgerEntry['reason'], ref: string): boolean {
  return entries.some((entry) => entry.ref === ref && entry.reason === reason)
}

/**
 * The ledger with one more entry, without the changes that are 0.
 *
 * @throws HydraError `SERVER_BUSY` while so many entries wait for the archive that there is no room. The end of a
 * payment always has room: its hold was refused else. `INTERNAL` above {@link assetsMax}.
 */
export function withNoted({ seq, entries }: Ledger, entry: NewEntry, nowMs: number): Ledger {
  const isEnd = entry.reason === 'settle' || entry.reason === 'release'
  if (entries.length >= (isEnd ? ringMax : ringMax - keptForEnds)) {
    throw new HydraError(
      'SERVER_BUSY',
      'The ledger of the role is full: the database does not take its older entries. Try again later.',
      { metadata: { entries: entries.length } },
    )
  }
  const { reason, ref } = entry
  const changes = withoutZeros(entry.changes)
  if (Object.keys(changes).length > assetsMax) {
    throw new HydraError('INTERNAL', `One entry of a ledger changes at most ${assetsMax} assets.`, {
      metadata: { reason },
    })
  }
  const numbered = { seq: seq + 1, atMs: nowMs, reason, changes }
  return { seq: seq + 1, entries: [...entries, ref === undefined ? numbered : { ...numbered, ref }] }
}

/** The page that the oldest entries make, when there are so many that it is to be archived. */
export function pageToArchive({ entries }: Ledger): readonly LedgerEntry[] | undefined {
  return entries.length < archiveFrom ? undefined : entries.slice(0, pageEntries)
}

/** The ledger without a page that is archived; the same value when its oldest entries are not exactly those. */
export function withoutPage(ledger: Ledger, page: readonly LedgerEntry[]): Ledger {
  const oldest = ledger.entries.slice(0, page.length)
  if (page.length === 0 || !isDeepStrictEqual(oldest, page)) return ledger
  return { ...ledger, entries: ledger.entries.slice(page.length) }
}

const withoutZeros = (changes: LedgerEntry['changes']): LedgerEntry['changes'] =>
  Object.fromEntries(Object.entries(changes).filter(([, change]) => change !== 0))
