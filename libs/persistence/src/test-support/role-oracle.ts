import { expect } from 'vitest'
import type { Database } from '../database/database.ts'
import { sqlOf } from '../database/sql.ts'
import { decodeData } from '../encode-snapshot.ts'
import { isNewer, newest, type RoleSnapshot } from '../role-snapshot.ts'
import type { RoleJournal } from '../stores/role-journal.ts'
import { note, updatesOf } from './model-roles.ts'

/** What a story can lead to; counted, to know that the stories are not all alike. */
export type Event =
  | 'acknowledged'
  | 'rejected'
  | 'fenced'
  | 'flushed'
  | 'released'
  | 'crashed'
  | 'recovered'
  | 'taken over'

/** Knows what was acknowledged and holds journal and database to it. */
export class RoleOracle {
  readonly #acknowledged = new Map<string, number[]>()
  readonly #stored = new Map<string, RoleSnapshot>()
  readonly #database: Database
  readonly #journal: RoleJournal
  readonly #rids: readonly string[]

  constructor(database: Database, journal: RoleJournal, rids: readonly string[]) {
    this.#database = database
    this.#journal = journal
    this.#rids = rids
  }

  acknowledge(rid: string, update: number): void {
    note(this.#acknowledged, rid, update)
  }

  /** Whether a snapshot has all that was acknowledged of its role. */
  holds(rid: string, snapshot: RoleSnapshot | undefined, where: string): void {
    const kept = new Set(updatesOf(snapshot))
    const lost = (this.#acknowledged.get(rid) ?? []).filter((update) => !kept.has(update))
    if (lost.length > 0) expect.fail(`${where} has lost the updates ${lost.join()} of ${rid}`)
  }

  /** What must hold at any time: nothing acknowledged is lost, and no row goes back. */
  async check(): Promise<void> {
    const rows = await this.#readRows()
    for (const rid of this.#rids) {
      const row = rows.get(rid)
      const before = this.#stored.get(rid)
      if (before !== undefined && (row === undefined || isNewer(before, row))) {
        expect.fail(`the database went back from version ${before.version} to ${row?.version} of ${rid}`)
      }
      if (row !== undefined) this.#stored.set(rid, row)
      this.holds(rid, newest(row, await this.#journal.read(rid)), 'what journal and database have')
    }
  }

  /** What must hold in the end: the database has everything and the journal nothing. */
  async checkEnd(): Promise<void> {
    await this.check()
    expect(await this.#journal.unsaved(10)).toEqual([])
    const rows = await this.#readRows()
    for (const rid of this.#rids) this.holds(rid, rows.get(rid), 'the database in the end')
  }

  /** All rows in one query: this is asked after each step. */
  async #readRows(): Promise<ReadonlyMap<string, RoleSnapshot>> {
    const rows = await sqlOf(this.#database).run((db) =>
      db.selectFrom('roles').selectAll().where('rid', 'in', this.#rids).execute(),
    )
    return new Map(rows.map((row) => [row.rid, { ...row, data: decodeData(row.data) }]))
  }
}
