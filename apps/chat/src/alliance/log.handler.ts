import type { ChatHandler } from '../chat.ts'
import { ownMembership } from './own-alliance.ts'

/** Reads one event more than asked for, to know whether there are more. */
export const log: ChatHandler<'chat.alliance.log'> =
  (chat) =>
  async ({ session }, { beforeSeq, limit }) => {
    const { allianceId } = await ownMembership(chat, session)
    const events = await chat.alliances.log(allianceId, {
      limit: limit + 1,
      ...(beforeSeq === undefined ? {} : { beforeSeq }),
    })
    return { events: events.slice(0, limit), hasMore: events.length > limit }
  }
