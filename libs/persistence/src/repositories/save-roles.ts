import { CompiledQuery } from 'kysely'
import type { DatabaseKind } from '../database/database.ts'
import { mysqlText } from '../database/mysql-text.ts'
import type { TablesDb } from '../database/tables.ts'
import { encodeData } from '../encode-snapshot.ts'
import type { RoleSnapshot } from '../role-snapshot.ts'

/** Most rows of one statement: beyond this, larger batches gain nothing. */
export const saveRowsMax = 1_000

/** Most characters of data in one statement, well below MariaDB's default packet limit of 16 MiB. */
const saveCharsMax = 4 * 1024 * 1024

const columns = [
  'rid',
  'uid',
  'name',
  'level',
  'epoch',
  'version',
  'schema',
  'data',
  'updated_at_ms',
] as const
const contentColumns = ['uid', 'name', 'level', 'schema', 'data', 'updated_at_ms'] as const

const quote = (kind: DatabaseKind, name: string): string => (kind === 'mysql' ? `\`${name}\`` : `"${name}"`)

/**
 * Replaces the rows that are older by (epoch, version). MySQL has no condition on an upsert, hence one per column;
 * it assigns from left to right and later conditions see the new values, so content goes first, then the version,
 * then the epoch: each condition still compares with the old value of what it needs.
 */
const updateClause: Readonly<Record<DatabaseKind, string>> = (() => {
  const newer = '(values(`epoch`) > `epoch` or (values(`epoch`) = `epoch` and values(`version`) > `version`))'
  const mysql = [...contentColumns, 'version']
    .map((column) => `\`${column}\` = if(${newer}, values(\`${column}\`), \`${column}\`)`)
    .concat('`epoch` = greatest(values(`epoch`), `epoch`)')
  const sqlite = [...contentColumns, 'version', 'epoch'].map((column) => `"${column}" = excluded."${column}"`)
  return {
    mysql: `on duplicate key update ${mysql.join(', ')}`,
    sqlite:
      `on conflict("rid") do update set ${sqlite.join(', ')} where excluded."epoch" > roles."epoch" ` +
      'or (excluded."epoch" = roles."epoch" and excluded."version" > roles."version")',
  }
})()

const insertClause = (kind: DatabaseKind): string =>
  `insert into roles (${columns.map((column) => quote(kind, column)).join(', ')}) values `
const rowPlaceholder = `(${columns.map(() => '?').join(', ')})`

/** What a row that was replaced counts in the answer; one that was added, or is as new as what was given, counts less. */
const countOfReplaced: Readonly<Record<DatabaseKind, number>> = { mysql: 2, sqlite: 1 }

/**
 * Upserts snapshots in few statements; reads back which were refused as old, unless the count of affected rows says
 * that none was. The text is put together by hand: a builder's tree of thousands of values costs more than the query.
 *
 * @returns the ids whose row has a larger epoch than what was given.
 */
export async function saveRoles(
  db: TablesDb,
  kind: DatabaseKind,
  roles: readonly RoleSnapshot[],
  nowMs: number,
): Promise<readonly string[]> {
  const fenced: string[] = []
  for (const chunk of chunks(roles)) {
    const { numAffectedRows } = await db.executeQuery(upsert(kind, chunk, nowMs))
    if (numAffectedRows !== BigInt(chunk.length * countOfReplaced[kind]))
      fenced.push(...(await readFenced(db, chunk)))
  }
  return fenced
}

function upsert(kind: DatabaseKind, chunk: readonly Encoded[], nowMs: number): CompiledQuery {
  const row = kind === 'mysql' ? (encoded: Encoded) => literalRow(encoded, nowMs) : () => rowPlaceholder
  const text = `${insertClause(kind)}${chunk.map(row).join(', ')} ${updateClause[kind]}`
  const parameters = kind === 'mysql' ? [] : chunk.flatMap((encoded) => valuesOf(encoded, nowMs))
  return CompiledQuery.raw(text, parameters)
}

/** In the order of {@link columns}. */
const valuesOf = ({ role, data }: Encoded, nowMs: number) => [
  role.rid,
  role.uid,
  role.name,
  role.level,
  role.epoch,
  role.version,
  role.schema,
  data,
  nowMs,
]

/** mysql2 would write its parameters into the text as well, at five times the cost: most of it is JSON. */
const literalRow = (encoded: Encoded, nowMs: number): string =>
  `(${valuesOf(encoded, nowMs)
    .map((value) => (typeof value === 'string' ? mysqlText(value) : String(Number(value))))
    .join(', ')})`

interface Encoded {
  readonly role: RoleSnapshot
  readonly data: string
}

async function readFenced(db: TablesDb, chunk: readonly Encoded[]): Promise<readonly string[]> {
  const given = new Map(chunk.map(({ role }) => [role.rid, role]))
  const stored = await db
    .selectFrom('roles')
    .select(['rid', 'epoch'])
    .where('rid', 'in', [...given.keys()])
    .execute()
  return stored
    .filter((row) => {
      const role = given.get(row.rid)
      return role !== undefined && row.epoch > role.epoch
    })
    .map(({ rid }) => rid)
}

/** Cuts by rows and by size, sorted: statements of several servers then lock rows in one order and cannot deadlock. */
function* chunks(roles: readonly RoleSnapshot[]): Generator<readonly Encoded[]> {
  let chunk: Encoded[] = []
  let chars = 0
  for (const role of roles.toSorted((a, b) => (a.rid < b.rid ? -1 : 1))) {
    const data = encodeData(role)
    if (chunk.length > 0 && (chunk.length >= saveRowsMax || chars + data.length > saveCharsMax)) {
      yield chunk
      chunk = []
      chars = 0
    }
    chunk.push({ role, data })
    chars += data.length
  }
  if (chunk.length > 0) yield chunk
}
