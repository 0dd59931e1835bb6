import { CompiledQuery } from 'kysely'
import type { DatabaseKind } from '../database/database.ts'
import { insertRows, type Row } from '../database/insert-rows.ts'
import type { TablesDb } from '../database/tables.ts'
import { rolesOfConversation } from '../stores/conversation-channel.ts'
import type { ArchivedMessage } from './chat-archive.ts'

/** Most rows of one statement; SQLite takes 32,766 values. */
const rowsMax = 2_000

const columns = ['rid', 'other_rid', 'last_at_ms'] as const

const onConflict: Readonly<Record<DatabaseKind, string>> = {
  mysql: 'on duplicate key update last_at_ms = greatest(last_at_ms, values(last_at_ms))',
  sqlite:
    'on conflict(rid, other_rid) do update set last_at_ms = max(chat_conversations.last_at_ms, excluded.last_at_ms)',
}

/**
 * Notes for both sides which conversations messages belong to, as a rule in one statement; in none if there is no
 * private message.
 */
export async function addChatConversations(
  db: TablesDb,
  kind: DatabaseKind,
  messages: readonly ArchivedMessage[],
): Promise<void> {
  const rows = toRows(messages)
  for (let from = 0; from < rows.length; from += rowsMax) {
    const some = rows.slice(from, from + rowsMax)
    const { text, parameters } = insertRows(kind, 'chat_conversations', columns, some, onConflict[kind])
    await db.executeQuery(CompiledQuery.raw(text, [...parameters]))
  }
}

/** Sorted: statements of several servers then lock rows in one order and cannot deadlock. */
function toRows(messages: readonly ArchivedMessage[]): readonly Row[] {
  const lastAtMs = new Map<string, number>()
  for (const { channel, sentAtMs } of messages)
    lastAtMs.set(channel, Math.max(lastAtMs.get(channel) ?? sentAtMs, sentAtMs))
  return [...lastAtMs]
    .flatMap(([channel, atMs]): (readonly [string, string, number])[] => {
      const [one, other] = rolesOfConversation(channel) ?? []
      return one === undefined || other === undefined
        ? []
        : [
            [one, other, atMs],
            [other, one, atMs],
          ]
    })
    .toSorted(([rid, other], [rid2, other2]) => compare(rid, rid2) || compare(other, other2))
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
