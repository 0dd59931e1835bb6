import type { ChannelEnd, ChatArchive, ChatLog } from '@hydra/persistence'
import { HydraError } from '@hydra/protocol'
import { isArchived, type Channel } from './channel.ts'

/** What knows where channels end. */
export interface EndStores {
  readonly chatLog: Pick<ChatLog, 'ends'>
  readonly chatArchive: Pick<ChatArchive, 'ends'>
}

/** What may be said about reading ends. */
export interface ChannelEndsOptions {
  /** The archive is needed and away: channels that the log does not know are answered as empty then. */
  readonly onArchiveAway?: (error: HydraError) => void
}

const nowhere: ChannelEnd = Object.freeze({ lastSeq: 0, baseSeq: 0 })

/**
 * Where channels end. The log knows, unless it was lost and nobody has spoken in the channel since: then, of kinds that
 * are archived, the archive tells, in one query for all of them.
 *
 * @throws HydraError `STORAGE_UNAVAILABLE`; of the archive only without `onArchiveAway`.
 */
export async function channelEnds(
  { chatLog, chatArchive }: EndStores,
  channels: readonly Channel[],
  { onArchiveAway }: ChannelEndsOptions = {},
): Promise<readonly ChannelEnd[]> {
  const logged = await chatLog.ends(channels.map(({ key }) => key))
  const unknown = channels.filter((channel, index) => isArchived(channel) && logged[index]?.lastSeq === 0)
  if (unknown.length === 0) return logged
  const keys = unknown.map(({ key }) => key)
  const archived = await chatArchive.ends(keys).catch((error: unknown) => {
    if (onArchiveAway === undefined || !HydraError.hasCode(error, 'STORAGE_UNAVAILABLE')) throw error
    onArchiveAway(error)
    return []
  })
  const byKey = new Map(keys.map((key, index) => [key, archived[index]]))
  return channels.map(({ key }, index) => byKey.get(key) ?? logged[index] ?? nowhere)
}

/** As {@link channelEnds}, of one. */
export async function channelEnd(stores: EndStores, channel: Channel): Promise<ChannelEnd> {
  const [end = nowhere] = await channelEnds(stores, [channel])
  return end
}
