import { HydraError } from '@hydra/protocol'
import { sql } from 'kysely'
import type { TablesDb } from '../database/tables.ts'
import { toAlliance, toEvent, toRequest } from './alliance-rows.ts'
import type { Alliances, ListedRequest, StoredRequest } from './alliances.ts'
import { nameKey } from './name-key.ts'
import { badCursor, fromCursor, toCursor } from './page-cursor.ts'

/** Most entries of one page. */
const pageMax = 1_000

type Page<Call extends (...parameters: never[]) => unknown> = ReturnType<Call>

/** See `Alliances.search`. */
export async function searchAlliances(
  db: TablesDb,
  { text, limit, cursor }: Parameters<Alliances['search']>[0],
): Page<Alliances['search']> {
  checkLimit(limit)
  let query = db
    .selectFrom('alliances')
    .selectAll()
    .orderBy('name_key')
    .limit(limit + 1)
  const key = nameKey(text)
  if (key !== '') {
    const pattern = `${key.replaceAll(/[%_!]/g, '!$&')}%`
    const begins = (column: 'name_key' | 'tag_key') =>
      sql<boolean>`${sql.ref(column)} like ${pattern} escape '!'`
    query = query.where((where) => where.or([begins('name_key'), begins('tag_key')]))
  }
  // The name, not its key, which can be many times as long.
  if (cursor !== undefined) query = query.where('name_key', '>', nameKey(fromCursor(cursor)))
  const rows = await query.execute()
  const alliances = rows.slice(0, limit).map(toAlliance)
  const last = alliances.at(-1)
  return rows.length > limit && last !== undefined ? { alliances, next: toCursor(last.name) } : { alliances }
}

/** See `Alliances.requestsOf`. */
export async function listRequestsOf(
  db: TablesDb,
  allianceId: string,
  kind: StoredRequest['kind'],
  { limit, cursor }: Parameters<Alliances['requestsOf']>[2],
): Page<Alliances['requestsOf']> {
  checkLimit(limit)
  let query = listed(db)
    .where('request.alliance_id', '=', allianceId)
    .where('request.kind', '=', kind)
    .orderBy('request.at_ms')
    .orderBy('request.rid')
    .limit(limit + 1)
  if (cursor !== undefined) {
    const { atMs, rid } = requestPosition(fromCursor(cursor))
    query = query.where((where) =>
      where.or([
        where('request.at_ms', '>', atMs),
        where.and([where('request.at_ms', '=', atMs), where('request.rid', '>', rid)]),
      ]),
    )
  }
  const rows = await query.execute()
  const requests = rows.slice(0, limit).map(toListed)
  const last = requests.at(-1)
  if (rows.length <= limit || last === undefined) return { requests }
  return { requests, next: toCursor(`${last.atMs}:${last.rid}`) }
}

/** See `Alliances.requestsWith`. */
export async function listRequestsWith(db: TablesDb, rid: string): Promise<readonly ListedRequest[]> {
  const rows = await listed(db)
    .where('request.rid', '=', rid)
    .orderBy('request.at_ms')
    .orderBy('request.alliance_id')
    .orderBy('request.kind')
    .execute()
  return rows.map(toListed)
}

/** See `Alliances.log`. */
export async function listLog(
  db: TablesDb,
  allianceId: string,
  { limit, beforeSeq }: Parameters<Alliances['log']>[1],
): Page<Alliances['log']> {
  checkLimit(limit)
  const query = db
    .selectFrom('alliance_log')
    .selectAll()
    .where('alliance_id', '=', allianceId)
    .orderBy('seq', 'desc')
    .limit(limit)
  const rows = await (beforeSeq === undefined ? query : query.where('seq', '<', beforeSeq)).execute()
  return rows.map(toEvent)
}

/** Requests with what a list shows of both sides, as it is now: names may have changed since. */
const listed = (db: TablesDb) =>
  db
    .selectFrom('alliance_requests as request')
    .innerJoin('alliances as alliance', 'alliance.alliance_id', 'request.alliance_id')
    .innerJoin('alliance_roles as role', 'role.rid', 'request.rid')
    .leftJoin('alliance_roles as inviter', 'inviter.rid', 'request.by_rid')
    .selectAll('request')
    .select([
      'alliance.name as alliance_name',
      'role.uid as role_uid',
      'role.name as role_name',
      'role.level as role_level',
      'inviter.name as inviter_name',
    ])

type ListedRow = Awaited<ReturnType<ReturnType<typeof listed>['execute']>>[number]

const toListed = (row: ListedRow): ListedRequest => ({
  ...toRequest({ ...row, by_name: row.inviter_name ?? row.by_name }),
  allianceName: row.alliance_name,
  role: { rid: row.rid, uid: row.role_uid, name: row.role_name, level: row.role_level },
})

function requestPosition(text: string): { readonly atMs: number; readonly rid: string } {
  const [, atMs, rid] = /^(\d{1,15}):(.+)$/s.exec(text) ?? []
  if (atMs === undefined || rid === undefined) throw badCursor()
  return { atMs: Number(atMs), rid }
}

function checkLimit(limit: number): void {
  if (Number.isSafeInteger(limit) && limit >= 1 && limit <= pageMax) return
  const expectation = `a whole number from 1 to ${pageMax}`
  throw new HydraError('BAD_REQUEST', `Alliances: "limit" is wrong: expected ${expectation}.`, {
    metadata: { path: 'limit', expectation },
  })
}
