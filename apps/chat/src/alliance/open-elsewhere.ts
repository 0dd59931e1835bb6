import type { StoredRequest } from '@hydra/persistence'
import type { Chat } from '../chat.ts'

/**
 * How many requests of a kind are open between a role and other alliances. They are not locked: whoever asks several
 * alliances, or is asked by several, in the same moment may come to have a few more than it may.
 *
 * @throws HydraError `STORAGE_UNAVAILABLE`.
 */
export async function openElsewhere(
  { alliances }: Pick<Chat, 'alliances'>,
  { kind, rid, allianceId }: Pick<StoredRequest, 'kind' | 'rid' | 'allianceId'>,
): Promise<number> {
  const open = await alliances.requestsWith(rid)
  return open.filter((request) => request.kind === kind && request.allianceId !== allianceId).length
}
