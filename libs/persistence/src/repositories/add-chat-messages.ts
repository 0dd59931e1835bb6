import { CompiledQuery } from 'kysely'
import type { DatabaseKind } from '../database/database.ts'
import { insertRows, type Row } from '../database/insert-rows.ts'
import type { TablesDb } from '../database/tables.ts'
import type { ArchivedMessage } from './chat-archive.ts'

/** Most messages of one statement; SQLite takes 32,766 values. */
const addRowsMax = 1_000

/** Most characters of texts and data in one statement, well below MariaDB's default packet limit of 16 MiB. */
const addCharsMax = 2 * 1024 * 1024

const columns = ['channel', 'seq', 'from_rid', 'from_name', 'text', 'data', 'sent_at_ms', 'deleted'] as const

/**
 * Rows that are there stay as they are; what was deleted before it came learns who had sent it when. MySQL assigns from
 * left to right, hence the time, by which that is told, last.
 */
const onConflict: Readonly<Record<DatabaseKind, string>> = {
  mysql:
    'on duplicate key update from_rid = if(sent_at_ms is null, values(from_rid), from_rid), ' +
    'from_name = if(sent_at_ms is null, values(from_name), from_name), ' +
    'sent_at_ms = ifnull(sent_at_ms, values(sent_at_ms))',
  sqlite:
    'on conflict(channel, seq) do update set from_rid = excluded.from_rid, from_name = excluded.from_name, ' +
    'sent_at_ms = excluded.sent_at_ms where chat_messages.sent_at_ms is null',
}

/** Inserts messages, as a rule in one statement. */
export async function addChatMessages(
  db: TablesDb,
  kind: DatabaseKind,
  messages: readonly ArchivedMessage[],
): Promise<void> {
  for (const rows of chunks(messages)) {
    const { text, parameters } = insertRows(kind, 'chat_messages', columns, rows, onConflict[kind])
    await db.executeQuery(CompiledQuery.raw(text, [...parameters]))
  }
}

/** In the order of {@link columns}. */
const toRow = ({ channel, seq, from, text, data, sentAtMs, deleted }: ArchivedMessage): Row =>
  deleted === true
    ? [channel, seq, from.rid, from.name, '', null, sentAtMs, 1]
    : [channel, seq, from.rid, from.name, text, data === undefined ? null : JSON.stringify(data), sentAtMs, 0]

const charsOf = (row: Row): number =>
  row.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 0), 0)

/** Cuts by rows and by size, sorted: statements of several servers then lock rows in one order and cannot deadlock. */
function* chunks(messages: readonly ArchivedMessage[]): Generator<readonly Row[]> {
  let chunk: Row[] = []
  let chars = 0
  const inOrder = (a: ArchivedMessage, b: ArchivedMessage) =>
    a.channel === b.channel ? a.seq - b.seq : a.channel < b.channel ? -1 : 1
  for (const row of messages.toSorted(inOrder).map(toRow)) {
    const more = charsOf(row)
    if (chunk.length > 0 && (chunk.length >= addRowsMax || chars + more > addCharsMax)) {
      yield chunk
      chunk = []
      chars = 0
    }
    chunk.push(row)
    chars += more
  }
  if (chunk.length > 0) yield chunk
}
