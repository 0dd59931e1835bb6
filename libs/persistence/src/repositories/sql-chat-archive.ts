import { sql as raw } from 'kysely'
import type { Database, DatabaseKind } from '../database/database.ts'
import { sqlOf } from '../database/sql.ts'
import type { ChatMessageRow, TablesDb } from '../database/tables.ts'
import type { StoredMessage } from '../stores/chat-log.ts'
import { rolesOfConversation } from '../stores/conversation-channel.ts'
import { addChatConversations } from './add-chat-conversations.ts'
import { addChatMessages } from './add-chat-messages.ts'
import { readChatEnds } from './read-chat-ends.ts'
import type { ChatArchive } from './chat-archive.ts'

/** Messages of a channel that one statement forgets at most: locks and undo space have their bounds. */
const forgetRowsMax = 5_000

/**
 * Chat in a database that has been migrated.
 *
 * @example const { floor, ceiling } = await createChatArchive(database).reserve('world', 1_000)
 */
export function createChatArchive(database: Database): ChatArchive {
  const sql = sqlOf(database)
  const { kind } = database

  const reserve = async (db: TablesDb, channel: string, count: number, lastSeq: number) => {
    // The row is held from here to the end of the transaction: whoever else reserves comes after.
    const insert = db.insertInto('chat_channels').values({ channel, reserved_seq: lastSeq + count })
    await (
      kind === 'mysql'
        ? insert.onDuplicateKeyUpdate({ reserved_seq: raw`greatest(reserved_seq, ${lastSeq}) + ${count}` })
        : insert.onConflict((conflict) =>
            conflict
              .column('channel')
              .doUpdateSet({ reserved_seq: raw`max(chat_channels.reserved_seq, ${lastSeq}) + ${count}` }),
          )
    ).execute()
    const { reserved_seq: ceiling } = await db
      .selectFrom('chat_channels')
      .select('reserved_seq')
      .where('channel', '=', channel)
      .executeTakeFirstOrThrow()
    return { floor: ceiling - count, ceiling }
  }

  return {
    reserve: (channel, count, lastSeq = 0) => sql.transact((db) => reserve(db, channel, count, lastSeq)),
    async add(messages) {
      if (messages.length === 0) return
      await sql.run(async (db) => {
        await addChatMessages(db, kind, messages)
        await addChatConversations(db, kind, messages)
      })
    },
    async page(channel, { beforeSeq, afterSeq, limit }) {
      if (limit < 1) return []
      const rows = await sql.run((db) => {
        let query = db
          .selectFrom('chat_messages')
          .selectAll()
          .where('channel', '=', channel)
          .where('sent_at_ms', 'is not', null)
          .orderBy('seq', afterSeq === undefined ? 'desc' : 'asc')
          .limit(limit)
        if (beforeSeq !== undefined) query = query.where('seq', '<', beforeSeq)
        if (afterSeq !== undefined) query = query.where('seq', '>', afterSeq)
        return query.execute()
      })
      return (afterSeq === undefined ? rows.toReversed() : rows).map(toMessage)
    },
    ends: async (channels) => sql.run((db) => readChatEnds(db, channels)),
    async conversations(rid, limit) {
      if (limit < 1) return []
      const rows = await sql.run((db) =>
        db
          .selectFrom('chat_conversations')
          .select(['other_rid', 'last_at_ms'])
          .where('rid', '=', rid)
          .orderBy('last_at_ms', 'desc')
          .orderBy('other_rid', 'desc')
          .limit(limit)
          .execute(),
      )
      return rows.map(({ other_rid: other, last_at_ms: lastAtMs }) => ({ rid: other, lastAtMs }))
    },
    async delete(channel, seq) {
      const gone = { text: '', data: null, deleted: 1 }
      // Without the time until the message comes: such a row is neither shown nor pruned.
      const early = { ...gone, channel, seq, from_rid: '', from_name: '', sent_at_ms: null }
      await sql.transact((db) => {
        const insert = db.insertInto('chat_messages').values(early)
        return (
          kind === 'mysql'
            ? insert.onDuplicateKeyUpdate(gone)
            : insert.onConflict((conflict) => conflict.columns(['channel', 'seq']).doUpdateSet(gone))
        ).execute()
      })
    },
    async forget(channel) {
      let isMore = true
      while (isMore) isMore = await sql.transact((db) => forgetSome(db, channel))
      const rids = rolesOfConversation(channel)
      if (rids !== undefined) await sql.transact((db) => forgetConversation(db, rids))
    },
    async prune(beforeMs, limit) {
      if (limit < 1) return 0
      const messages = await sql.transact((db) => prune.messages(db, kind, beforeMs, limit))
      if (messages >= limit) return messages
      return (
        messages + (await sql.transact((db) => prune.conversations(db, kind, beforeMs, limit - messages)))
      )
    },
  }
}

/** Deletes the oldest of a table; answers how many there were. */
const pruning =
  (table: 'chat_messages' | 'chat_conversations', key: string, time: string) =>
  async (db: TablesDb, kind: DatabaseKind, beforeMs: number, limit: number): Promise<number> => {
    const from = raw.table(table)
    const old = raw`${raw.ref(time)} < ${beforeMs} order by ${raw.ref(time)} limit ${limit}`
    const ids = raw.raw(key)
    const { numAffectedRows = 0n } = await (
      kind === 'mysql'
        ? raw`delete from ${from} where ${old}`
        : raw`delete from ${from} where (${ids}) in (select ${ids} from ${from} where ${old})`
    ).execute(db)
    return Number(numAffectedRows)
  }

const prune = {
  messages: pruning('chat_messages', 'channel, seq', 'sent_at_ms'),
  conversations: pruning('chat_conversations', 'rid, other_rid', 'last_at_ms'),
}

async function forgetConversation(db: TablesDb, [one, other]: readonly [string, string]): Promise<void> {
  await db
    .deleteFrom('chat_conversations')
    .where(({ or, and }) => or([and({ rid: one, other_rid: other }), and({ rid: other, other_rid: one })]))
    .execute()
}

/** Whether there may be more. */
async function forgetSome(db: TablesDb, channel: string): Promise<boolean> {
  const next = await db
    .selectFrom('chat_messages')
    .select('seq')
    .where('channel', '=', channel)
    .orderBy('seq')
    .offset(forgetRowsMax)
    .limit(1)
    .executeTakeFirst()
  const query = db.deleteFrom('chat_messages').where('channel', '=', channel)
  await (next === undefined ? query : query.where('seq', '<', next.seq)).execute()
  return next !== undefined
}

function toMessage(row: ChatMessageRow): StoredMessage {
  const { seq, from_rid: rid, from_name: name, text, data, sent_at_ms: sentAtMs, deleted } = row
  return {
    seq,
    from: { rid, name },
    text,
    sentAtMs: sentAtMs ?? 0,
    ...(data === null ? {} : { data: JSON.parse(data) as NonNullable<StoredMessage['data']> }),
    ...(deleted === 0 ? {} : { deleted: true as const }),
  }
}
