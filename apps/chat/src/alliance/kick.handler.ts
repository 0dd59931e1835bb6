import type { ChatHandler } from '../chat.ts'
import { changeOwn } from './own-alliance.ts'
import * as ranks from './ranks.ts'

/** The kicked role stops receiving the channel of the alliance before this answers. */
export const kick: ChatHandler<'chat.alliance.kick'> =
  (chat) =>
  async ({ session }, { rid }) => {
    await changeOwn(chat, session, [rid], (state) => ranks.kick(state, session.rid, rid))
    return {}
  }
