import { pushes, type PresenceState } from '@hydra/protocol'
import { presenceTopic, sharedChannel } from '../channel/channel.ts'
import type { Chat } from '../chat.ts'

/**
 * Tells those who watch a role, and its alliance, that it has come or gone. It has, whether they hear of it or not:
 * failing whatever was done would not undo it.
 */
export function publishPresence(
  { peer, log }: Pick<Chat, 'peer' | 'log'>,
  allianceId: string | undefined,
  state: PresenceState,
): void {
  const ofAlliance = allianceId === undefined ? [] : sharedChannel('alliance', allianceId).topics
  try {
    for (const topic of [presenceTopic(state.rid), ...ofAlliance])
      peer.publish(topic, pushes.chat.presence.changed, state)
  } catch (err) {
    log.warn({ rid: state.rid, err }, 'nobody was told that a role has come or gone')
  }
}
