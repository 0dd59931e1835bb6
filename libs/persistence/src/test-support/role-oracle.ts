import { expect } from 'vitest'
import type { Database } from '../database/database.ts'
import { sqlOf } from '../database/sql.ts'
import { decodeData } from '../encode-snapshot.ts'
import type { OwnedRole } from '../role-ownership/role-ownership.ts'
import { isNewer, newest, type RoleSnapshot } from '../role-snapshot.ts'
import type { RoleJournal } from '../stores/role-journal.ts'
import { updatesOf } from './model-roles.ts'
import { RoleRecord, type Count, type HeldRole, type Row, type Witness } from './role-record.ts'

/** Knows what was acknowledged, granted and given up, and holds journal and database to it. */
export class RoleOracle {
  readonly #records: ReadonlyMap<string, RoleRecord>
  readonly #database: Database
  readonly #journal: RoleJournal
  readonly #count: Count
  /** What was given up since the last check. */
  #released: (() => Promise<void>)[] = []
  /** How often the journal has lost its data. */
  losses = 0

  constructor(options: {
    readonly database: Database
    readonly journal: RoleJournal
    readonly rids: readonly string[]
    readonly count: Count
  }) {
    this.#database = options.database
    this.#journal = options.journal
    this.#records = new Map(options.rids.map((rid) => [rid, new RoleRecord()]))
    this.#count = options.count
  }

  /** Somebody was given an epoch, whether the answer arrives or not. */
  granted(rid: string, epoch: number): void {
    const record = this.#of(rid)
    record.granted = Math.max(record.granted, epoch)
  }

  /**
   * A state is acknowledged: it goes on from all that were acknowledged before, or is part of the newest of them.
   * `lostMeanwhile`: the journal has lost its data since it was pushed, this state too, perhaps. After that it also
   * believes a server that was replaced before, which takes a server that was taken for gone: its word is worth nothing.
   */
  acknowledged(
    server: Witness,
    snapshot: RoleSnapshot,
    { lostMeanwhile }: { readonly lostMeanwhile: boolean },
  ): void {
    if (server.doubted && this.losses > 0) return
    const record = this.#of(snapshot.rid)
    const updates = updatesOf(snapshot)
    const { latest } = record
    if (latest === undefined || !isNewer(latest, snapshot)) {
      const lost = record.missingIn(updates)
      if (lost.length > 0)
        fail(`the acknowledged state ${name(snapshot)} lacks the acknowledged ${lost.join()}`)
      record.latest = snapshot
      record.holder = server
    } else {
      const kept = new Set(updatesOf(latest))
      const lost = updates.filter((update) => !kept.has(update))
      if (lost.length > 0) {
        fail(
          `${lost.join()} in ${name(snapshot)} are acknowledged, but ${name(latest)} was before, without them`,
        )
      }
    }
    for (const update of updates) {
      if (lostMeanwhile && !record.acknowledged.has(update)) record.atRisk.add(update)
      record.acknowledged.add(update)
    }
  }

  /**
   * A server holds a role from now on: with all that was acknowledged, and nobody else. Unless the news come late, and
   * somebody else was given the role since.
   */
  taken(server: Witness, { snapshot }: OwnedRole, others: readonly Witness[]): void {
    const record = this.#of(snapshot.rid)
    if (record.granted > snapshot.epoch) return
    const lost = record.missingIn(updatesOf(snapshot))
    if (lost.length > 0)
      fail(`${server.id} takes ${name(snapshot)}, which lacks the acknowledged ${lost.join()}`)
    for (const other of others) {
      if (!other.doubted)
        fail(`${server.id} takes ${name(snapshot)} from ${other.id}, which lives and holds it`)
    }
  }

  /** A server was told that a role is not its any more. */
  fenced(server: Witness, rid: string, epoch: number): void {
    const { granted } = this.#of(rid)
    // Whoever takes a server for gone may free its roles without taking them.
    if (server.doubted || granted > epoch) return
    fail(`${server.id} is fenced off ${rid}@${epoch}, which nobody has taken since`)
  }

  /** A role was given up; looked at before the next step. `journalFailed`: the journal was away meanwhile. */
  released(server: Witness, saved: OwnedRole, { journalFailed }: { readonly journalFailed: boolean }): void {
    this.#released.push(() => this.#checkReleased(server, saved, journalFailed))
  }

  /** The journal has lost its data: what only it had is left to the memory of the servers that acknowledged it. */
  async journalLost(): Promise<void> {
    this.losses += 1
    const rows = await this.#readRows()
    for (const [rid, record] of this.#records) {
      const missing = record.missingIn(updatesOf(rows.get(rid)))
      for (const update of missing) record.atRisk.add(update)
      if (missing.length > 0) this.#count('put at risk')
    }
    this.excuse()
  }

  /**
   * A server has died, is taken for gone, or takes itself for fenced off: what only its memory has may be lost with it,
   * after a loss of the journal.
   */
  excuse(): void {
    for (const record of this.#records.values()) {
      const { holder } = record
      const holds = holder?.alive === true && !holder.doubted
      if (record.atRisk.size === 0 || holds) continue
      for (const update of record.atRisk) record.acknowledged.delete(update)
      record.atRisk.clear()
      this.#count('excused')
    }
  }

  /** What must hold at any time: nothing acknowledged is lost, no row goes back, and rows name who holds their roles. */
  async check(held: readonly HeldRole[] = []): Promise<void> {
    const rows = await this.#readRows()
    for (const [rid, record] of this.#records) {
      const row = rows.get(rid)
      this.#checkRow(record, row)
      record.row = row
      const kept = updatesOf(newest(row, await this.#journal.read(rid)))
      const lost = record.missingIn(kept, { butAtRisk: true })
      if (lost.length > 0) fail(`journal and database have lost the acknowledged ${lost.join()} of ${rid}`)
      for (const update of kept) record.atRisk.delete(update)
    }
    for (const { server, rid, epoch } of held) {
      const { granted, row } = this.#of(rid)
      if (server.doubted || granted > epoch || row?.owner === server.id) continue
      fail(`${server.id} holds ${rid}@${epoch}, but its row names ${row?.owner ?? 'nobody'}`)
    }
    for (const checkReleased of this.#released.splice(0)) await checkReleased()
  }

  /** What must hold in the end: the database has everything and the journal nothing, and nobody owns anything. */
  async checkEnd(): Promise<void> {
    await this.check()
    const rids = [...this.#records.keys()]
    const ours = <T extends { readonly rid: string }>(found: readonly T[]) =>
      found.filter(({ rid }) => this.#records.has(rid))
    expect(ours(await this.#journal.unsaved(1_000)), 'unsaved in the end').toEqual([])
    expect(await this.#journal.ownersOf(rids), 'owners in the end').toEqual(rids.map(() => undefined))
    for (const owner of await this.#journal.owners()) {
      expect(ours(await this.#journal.ownedBy(owner, 1_000)), `roles of ${owner} in the end`).toEqual([])
    }
    for (const [rid, { row, ...record }] of this.#records) {
      expect(row?.owner, `the owner in the row of ${rid} in the end`).toBeNull()
      expect([...record.atRisk], `at risk in the end of ${rid}`).toEqual([])
    }
    for (const [rid, record] of this.#records) {
      const lost = record.missingIn(updatesOf(record.row))
      if (lost.length > 0) fail(`the database in the end has lost the acknowledged ${lost.join()} of ${rid}`)
    }
  }

  #of(rid: string): RoleRecord {
    const record = this.#records.get(rid)
    if (record === undefined) return fail(`nobody has made a role ${rid}`)
    return record
  }

  #checkRow({ row: before }: RoleRecord, row: Row | undefined): void {
    if (before === undefined) return
    if (row === undefined) return fail(`the row of ${name(before)} has vanished`)
    if (isNewer(before, row)) fail(`the row of ${name(before)} went back to ${name(row)}`)
    if (isNewer(row, before)) return
    if (updatesOf(row).join() !== updatesOf(before).join()) fail(`${name(row)} was written twice`)
  }

  /**
   * A role that was given up is in its row as it was acknowledged last, without owner, and the journal has nothing of
   * it. Somebody may have taken it in the meantime, which raises the epoch. What arrives late cannot bring a role back
   * that was given up, except to a journal that has lost its data since, which does not know of it: then it is older
   * than the row. Of a role that was taken while the journal was away, the journal may have granted an older epoch to
   * somebody who cannot take it by that; and the server's own name may stay there if the journal is away again.
   */
  async #checkReleased(server: Witness, { snapshot: saved, journalled }: OwnedRole, journalFailed: boolean) {
    const { rid, epoch, version } = saved
    const { row } = this.#of(rid)
    if (row === undefined) return fail(`the row of ${name(saved)} has vanished`)
    if (isNewer(saved, row)) fail(`${name(saved)} was given up, but is not in its row`)
    if (row.epoch === epoch) {
      expect(row.owner, `the owner in the row of ${name(saved)}, which was given up`).toBeNull()
      expect(row.version, `the row of ${name(saved)}, which was given up`).toBe(version)
      expect(updatesOf(row), `the row of ${name(saved)}, which was given up`).toEqual(updatesOf(saved))
    }
    const [known] = await this.#journal.ownersOf([rid])
    const owner = known?.owner
    const unsaved = await this.#journal.read(rid)
    const marked = (await this.#journal.unsaved(1_000)).some((found) => found.rid === rid)
    expect(marked, `whether ${rid} is among the unsaved`).toBe(unsaved !== undefined)
    for (const named of new Set([...(await this.#journal.owners()), server.id])) {
      const owned = (await this.#journal.ownedBy(named, 1_000)).find((found) => found.rid === rid)
      if ((owned !== undefined) !== (named === owner))
        fail(`${named} is not known to own, or not to own, ${rid}`)
      if (owned === undefined || owned.epoch > epoch) continue
      if (!journalled && (journalFailed || named !== server.id)) continue
      fail(`the journal says that ${named} owns ${name(saved)}, which was given up`)
    }
    if (owner !== undefined || unsaved === undefined) return
    if (unsaved.epoch > epoch || (this.losses > 0 && !isNewer(unsaved, row))) return
    fail(`${name(unsaved)} is unsaved, but was given up`)
  }

  /** All rows in one query: this is asked after each step. */
  async #readRows(): Promise<ReadonlyMap<string, Row>> {
    const rids = [...this.#records.keys()]
    const rows = await sqlOf(this.#database).run((db) =>
      db.selectFrom('roles').selectAll().where('rid', 'in', rids).execute(),
    )
    return new Map(rows.map((row) => [row.rid, { ...row, data: decodeData(row.data) }]))
  }
}

const name = ({ rid, epoch, version }: RoleSnapshot): string => `${rid}@${epoch}.${version}`

const fail = (message: string): never => expect.fail(message)
