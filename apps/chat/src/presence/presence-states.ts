import type { PresenceState } from '@hydra/protocol'
import type { Chat } from '../chat.ts'

/**
 * Whether roles are online, in the order asked for, and since when those are not that were lately.
 *
 * @throws HydraError `STORAGE_UNAVAILABLE`.
 * @example const [state] = await presenceStates(chat, [rid])
 */
export async function presenceStates(
  { presence }: Pick<Chat, 'presence'>,
  rids: readonly string[],
): Promise<PresenceState[]> {
  const [online, lastSeen] = await Promise.all([presence.online(rids), presence.lastSeen(rids)])
  return rids.map((rid, index) => {
    if (online[index] === true) return { rid, online: true }
    const lastSeenAtMs = lastSeen[index]
    return { rid, online: false, ...(lastSeenAtMs === undefined ? {} : { lastSeenAtMs }) }
  })
}
