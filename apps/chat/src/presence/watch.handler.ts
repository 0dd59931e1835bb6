import { HydraError } from '@hydra/protocol'
import type { RoleSession } from '@hydra/rpc'
import { hasJoined, presenceTopic } from '../channel/channel.ts'
import type { Chat, ChatHandler } from '../chat.ts'
import { presenceStates } from './presence-states.ts'

/** Watches first and reads then: whoever comes or goes in between is told twice rather than not at all. */
export const watch: ChatHandler<'chat.presence.watch'> =
  (chat) =>
  async ({ session }, { rids }) => {
    const isJoined = hasJoined(session, await chat.presence.get(session.rid))
    if (!isJoined || !(await joinAll(chat, session, topicsOfAll(rids)))) {
      throw new HydraError('CHAT_NOT_JOINED', 'Join the channels of the role first: chat.channel.join.')
    }
    return { roles: await presenceStates(chat, rids) }
  }

/** A gate delivers so many topics to a session and no more, and joins all that are named or none. */
async function joinAll({ topics }: Chat, session: RoleSession, names: readonly string[]): Promise<boolean> {
  try {
    return await topics.join(session, names)
  } catch (error) {
    if (!HydraError.hasCode(error, 'RATE_LIMITED')) throw error
    throw new HydraError(
      'WATCH_LIMIT_REACHED',
      'This session watches as many roles as it may; unwatch some first.',
      { cause: error },
    )
  }
}

/** Topics of the presence of roles, each once. */
export const topicsOfAll = (rids: readonly string[]): readonly string[] => [
  ...new Set(rids.map(presenceTopic)),
]
