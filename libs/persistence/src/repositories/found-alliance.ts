import { HydraError, type AllianceEvent } from '@hydra/protocol'
import { sql } from 'kysely'
import type { DatabaseKind } from '../database/database.ts'
import type { AllianceFoundingRow, AllianceRow, TablesDb } from '../database/tables.ts'
import {
  allianceNameTaken,
  allianceNotFound,
  allianceTagTaken,
  alreadyInAlliance,
} from './alliance-errors.ts'
import { readMembers, toAlliance } from './alliance-rows.ts'
import type { AllianceChanged, AllianceDraft } from './alliances.ts'
import { joinAlliance, writeLog, type AllianceWriteOptions } from './change-alliance.ts'
import { lockRoles } from './lock-alliance.ts'
import { nameKey } from './name-key.ts'

/** How long it is known what became of a founding, in case it is asked for or repeated late. */
const foundingKeptMs = 30 * 86_400_000
/** Old foundings that go with each new one: more than come, so that they never pile up. */
const prunedMax = 100

/** See `Alliances.create`; to be run in a transaction. Throws the error of a duplicate key if another one was faster. */
export async function foundAlliance(
  db: TablesDb,
  draft: AllianceDraft,
  options: AllianceWriteOptions,
): Promise<AllianceChanged> {
  const { allianceId, founder } = draft
  const { kind, nowMs, logMax } = options
  const founding = await lockFounding(db, kind, allianceId, nowMs)
  const found = await db
    .selectFrom('alliances')
    .selectAll()
    .where('alliance_id', '=', allianceId)
    .executeTakeFirst()
  if (found !== undefined) {
    // It may be older than the note of its founding.
    if (founding.founded === null) await decideFounding(db, allianceId, true)
    return { alliance: toAlliance(found), members: await readMembers(db, allianceId), left: [] }
  }
  // Undecided is only what this transaction has begun: it was never founded before, nor disbanded, nor refused.
  if (founding.founded !== null) throw allianceNotFound(allianceId)
  const row = toRow(draft, nowMs)
  await refuseTaken(db, row)
  await db.insertInto('alliances').values(row).execute()
  const roles = await lockRoles(db, kind, [founder.rid])
  if (roles.get(founder.rid)?.alliance_id !== null) throw alreadyInAlliance(founder.rid)
  await joinAlliance(db, founder, { alliance_id: allianceId, rank: 'leader', joined_at_ms: nowMs })
  const event: AllianceEvent = {
    seq: row.log_seq,
    atMs: nowMs,
    kind: 'founded',
    actor: { rid: founder.rid, name: founder.name },
  }
  await writeLog(db, allianceId, event, logMax)
  await decideFounding(db, allianceId, true)
  return { alliance: toAlliance(row), members: await readMembers(db, allianceId), left: [], event }
}

/** See `Alliances.voidFounding`; to be run in a transaction. */
export async function voidFounding(
  db: TablesDb,
  allianceId: string,
  { kind, nowMs }: Omit<AllianceWriteOptions, 'logMax'>,
): Promise<boolean> {
  const { founded } = await lockFounding(db, kind, allianceId, nowMs)
  if (founded !== null) return founded === 1
  // An alliance may be older than the note of its founding.
  const alliance = await db
    .selectFrom('alliances')
    .select('alliance_id')
    .where('alliance_id', '=', allianceId)
    .executeTakeFirst()
  await decideFounding(db, allianceId, alliance !== undefined)
  return alliance !== undefined
}

/** Removes some foundings of which nobody will ask any more. Statements that each stand alone. */
export async function pruneFoundings(db: TablesDb, nowMs: number): Promise<void> {
  const old = await db
    .selectFrom('alliance_foundings')
    .select('alliance_id')
    .where('at_ms', '<', nowMs - foundingKeptMs)
    .limit(prunedMax)
    .execute()
  if (old.length === 0) return
  const ids = old.map(({ alliance_id }) => alliance_id).toSorted()
  await db.deleteFrom('alliance_foundings').where('alliance_id', 'in', ids).execute()
}

/** The row about a founding, held until the transaction ends: of two who decide about one id, the first one does. */
async function lockFounding(
  db: TablesDb,
  kind: DatabaseKind,
  allianceId: string,
  nowMs: number,
): Promise<AllianceFoundingRow> {
  const insert = db
    .insertInto('alliance_foundings')
    .values({ alliance_id: allianceId, founded: null, at_ms: nowMs })
  await (
    kind === 'mysql'
      ? insert.onDuplicateKeyUpdate({ alliance_id: sql`values(${sql.ref('alliance_id')})` })
      : insert.onConflict((conflict) => conflict.doNothing())
  ).execute()
  return db
    .selectFrom('alliance_foundings')
    .selectAll()
    .where('alliance_id', '=', allianceId)
    .executeTakeFirstOrThrow()
}

async function decideFounding(db: TablesDb, allianceId: string, founded: boolean): Promise<void> {
  await db
    .updateTable('alliance_foundings')
    .set({ founded: founded ? 1 : 0 })
    .where('alliance_id', '=', allianceId)
    .execute()
}

async function refuseTaken(db: TablesDb, row: AllianceRow): Promise<void> {
  const taken = await db
    .selectFrom('alliances')
    .select(['name_key', 'tag_key'])
    .where((where) => where.or([where('name_key', '=', row.name_key), where('tag_key', '=', row.tag_key)]))
    .execute()
  if (taken.some(({ name_key }) => name_key === row.name_key)) throw allianceNameTaken(row.name)
  if (taken.length > 0) throw allianceTagTaken(row.tag)
}

/** Names and tags that change hands faster than a founding can look at them. */
export const foundingsCollide = (): HydraError =>
  new HydraError('STORAGE_UNAVAILABLE', 'Too many foundings ask for this name or tag at once; try again.')

const toRow = (draft: AllianceDraft, nowMs: number): AllianceRow => ({
  alliance_id: draft.allianceId,
  name: draft.name,
  name_key: nameKey(draft.name),
  tag: draft.tag,
  tag_key: nameKey(draft.tag),
  level: 1,
  notice: '',
  description: draft.description,
  policy: draft.policy,
  min_level: draft.minLevel,
  leader_rid: draft.founder.rid,
  member_count: 1,
  log_seq: 1,
  version: 1,
  created_at_ms: nowMs,
})
