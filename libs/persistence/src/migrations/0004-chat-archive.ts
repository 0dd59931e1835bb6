import { sql } from 'kysely'
import { createIndex, tableEnd } from './0001-accounts-and-roles.ts'
import type { Migration } from './migration.ts'

/** Numbers of channels that may have been given out, messages that are kept for good, and who has talked with whom. */
export const chatArchive: Migration = {
  async up(db, kind) {
    const end = tableEnd(kind)
    const text = kind === 'mysql' ? sql`longtext` : 'text'
    await db.schema
      .createTable('chat_channels')
      .ifNotExists()
      .addColumn('channel', 'varchar(160)', (column) => column.primaryKey())
      .addColumn('reserved_seq', 'bigint', (column) => column.notNull())
      .modifyEnd(end)
      .execute()
    await db.schema
      .createTable('chat_messages')
      .ifNotExists()
      .addColumn('channel', 'varchar(160)', (column) => column.notNull())
      .addColumn('seq', 'bigint', (column) => column.notNull())
      .addColumn('from_rid', 'varchar(64)', (column) => column.notNull())
      .addColumn('from_name', 'varchar(64)', (column) => column.notNull())
      .addColumn('text', text, (column) => column.notNull())
      .addColumn('data', text)
      .addColumn('sent_at_ms', 'bigint')
      .addColumn('deleted', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('chat_messages_id', ['channel', 'seq'])
      .modifyEnd(end)
      .execute()
    await createIndex(db, kind, 'chat_messages_sent_at_ms', 'chat_messages', 'sent_at_ms')
    await db.schema
      .createTable('chat_conversations')
      .ifNotExists()
      .addColumn('rid', 'varchar(64)', (column) => column.notNull())
      .addColumn('other_rid', 'varchar(64)', (column) => column.notNull())
      .addColumn('last_at_ms', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('chat_conversations_id', ['rid', 'other_rid'])
      .modifyEnd(end)
      .execute()
    // The one for the latest of a role, the other for the oldest of all, which are pruned.
    await createIndex(db, kind, 'chat_conversations_latest', 'chat_conversations', 'rid', 'last_at_ms')
    await createIndex(db, kind, 'chat_conversations_last_at_ms', 'chat_conversations', 'last_at_ms')
  },
  async down(db) {
    for (const table of ['chat_conversations', 'chat_messages', 'chat_channels'])
      await db.schema.dropTable(table).ifExists().execute()
  },
}
