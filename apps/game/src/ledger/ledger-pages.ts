import type { StorageObjects } from '@hydra/persistence'
import { HydraError, ledgerEntry, type LedgerEntry } from '@hydra/protocol'
import { z } from 'zod'
import { pageEntries } from './ledger-ring.ts'

const collection = 'ledger'
const storedPage = z.object({ entries: z.array(ledgerEntry) })

/**
 * The older entries of a role's ledger: storage objects of {@link pageEntries} entries each. Pages lie side by side from
 * the first entry on, so that the number of an entry says which page has it.
 */
export class LedgerPages {
  readonly #objects: StorageObjects
  readonly #pagesMax: number

  /** @param pagesMax Pages that each role keeps; a new one beyond takes the place of the oldest. */
  constructor(objects: StorageObjects, pagesMax: number) {
    this.#objects = objects
    this.#pagesMax = pagesMax
  }

  /**
   * Stores a page, and deletes what is too old then. Safe to repeat: what a page says never changes.
   *
   * @throws HydraError `STORAGE_UNAVAILABLE`, `STORAGE_LIMIT_REACHED`.
   */
  async put(rid: string, entries: readonly LedgerEntry[]): Promise<void> {
    const first = entries[0]?.seq
    if (first === undefined) return
    const value = { entries: entries as LedgerEntry[] }
    // Deleted first: at the limit of the storage there is room for the new one then.
    await this.#deleteBefore(rid, first - (this.#pagesMax - 1) * pageEntries)
    await this.#objects.put({ rid, collection, key: keyOf(first), value }, 'any')
  }

  /**
   * The latest archived entries before a number, the latest first; fewer when older ones are not kept any more.
   *
   * @throws HydraError `STORAGE_UNAVAILABLE`.
   */
  async read(rid: string, beforeSeq: number, limit: number): Promise<readonly LedgerEntry[]> {
    const keys: string[] = []
    // One page more than the entries fill: the first one is seldom needed as a whole.
    const pages = Math.ceil(limit / pageEntries) + 1
    for (let first = firstOf(beforeSeq - 1); first >= 1 && keys.length < pages; first -= pageEntries) {
      keys.push(keyOf(first))
    }
    if (keys.length === 0) return []
    const found = await this.#objects.getMany(keys.map((key) => ({ rid, collection, key })))
    const entries: LedgerEntry[] = []
    for (const object of found) {
      if (object === undefined) break
      const parsed = storedPage.safeParse(object.value)
      if (!parsed.success) {
        throw new HydraError('INTERNAL', `A page of the ledger of role ${rid} does not have its form.`, {
          cause: parsed.error,
          metadata: { rid, key: object.key },
        })
      }
      entries.push(...parsed.data.entries.toReversed())
    }
    return entries.filter(({ seq }) => seq < beforeSeq).slice(0, limit)
  }

  /** Each page that is added can delete two, so that a bound that was lowered comes to hold in time. */
  async #deleteBefore(rid: string, seq: number): Promise<void> {
    if (seq <= 1) return
    const { objects } = await this.#objects.list(rid, collection, { limit: 2 })
    for (const { key } of objects) {
      if (key < keyOf(seq)) await this.#objects.delete(rid, collection, key)
    }
  }
}

/** The first entry of the page that has an entry. */
const firstOf = (seq: number) => Math.floor((seq - 1) / pageEntries) * pageEntries + 1

/** Keys are ordered as text. */
const keyOf = (first: number) => String(first).padStart(16, '0')
