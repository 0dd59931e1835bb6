import { sql as raw } from 'kysely'
import type { TablesDb } from '../database/tables.ts'
import type { ChannelEnd } from '../stores/chat-log.ts'
import { chatArchiveLimits } from './chat-archive.ts'

/** Channels of one query; SQLite takes 500. */
const channelsMax = 200

interface EndRow {
  readonly place: number
  readonly last_seq: number | null
  readonly messages: number
}

/** Reads where channels end, as a rule in one query: of each channel only its latest messages are touched. */
export async function readChatEnds(
  db: TablesDb,
  channels: readonly string[],
): Promise<readonly ChannelEnd[]> {
  const ends: ChannelEnd[] = []
  for (let from = 0; from < channels.length; from += channelsMax)
    ends.push(...(await readSome(db, channels.slice(from, from + channelsMax))))
  return ends
}

async function readSome(db: TablesDb, channels: readonly string[]): Promise<readonly ChannelEnd[]> {
  const { countMax } = chatArchiveLimits
  const parts = channels.map(
    (channel, place) =>
      raw`select ${place} as place, max(seq) as last_seq, count(*) as messages from (
        select seq from chat_messages where channel = ${channel} and sent_at_ms is not null
        order by seq desc limit ${countMax}) as newest`,
  )
  const { rows } = await raw<EndRow>`${raw.join(parts, raw` union all `)}`.execute(db)
  const ends = channels.map((): ChannelEnd => ({ lastSeq: 0, baseSeq: 0 }))
  for (const { place, last_seq: lastSeq, messages } of rows)
    if (lastSeq !== null) ends[Number(place)] = { lastSeq, baseSeq: lastSeq - messages }
  return ends
}
