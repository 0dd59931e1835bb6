import type { ChatArchive, ChatLog, LogPage, StoredMessage } from '@hydra/persistence'
import { isArchived, type Channel } from './channel.ts'

/** Where messages are. */
export interface HistoryStores {
  readonly chatLog: Pick<ChatLog, 'page'>
  readonly chatArchive: Pick<ChatArchive, 'page'>
}

/**
 * A page of a channel, in order of the numbers: what the log does not have any more, of kinds that are archived, comes
 * from the archive.
 *
 * @throws HydraError `STORAGE_UNAVAILABLE`, also when it is the archive that is needed and away.
 */
export async function readHistory(
  stores: HistoryStores,
  channel: Channel,
  page: LogPage,
): Promise<readonly StoredMessage[]> {
  const logged = await stores.chatLog.page(channel.key, page)
  if (!isArchived(channel)) return logged
  return page.afterSeq === undefined
    ? backwards(stores, channel, page, logged)
    : forwards(stores, channel, { ...page, afterSeq: page.afterSeq }, logged)
}

/** The log has the latest messages; the archive has what is before them. */
async function backwards(
  { chatArchive }: HistoryStores,
  { key }: Channel,
  page: LogPage,
  logged: readonly StoredMessage[],
): Promise<readonly StoredMessage[]> {
  const limit = page.limit - logged.length
  const beforeSeq = logged[0]?.seq ?? page.beforeSeq
  if (limit <= 0 || beforeSeq === 1) return logged
  const older = await chatArchive.page(key, beforeSeq === undefined ? { limit } : { limit, beforeSeq })
  return [...older, ...logged]
}

/** Only if the page does not begin right behind its number has the log lost something. */
async function forwards(
  { chatArchive }: HistoryStores,
  { key }: Channel,
  page: LogPage & { readonly afterSeq: number },
  logged: readonly StoredMessage[],
): Promise<readonly StoredMessage[]> {
  const first = logged[0]?.seq ?? Number.POSITIVE_INFINITY
  if (first === page.afterSeq + 1) return logged
  const older = await chatArchive.page(key, page)
  return [...older.filter(({ seq }) => seq < first), ...logged].slice(0, page.limit)
}
