import type { ChatHandler } from '../chat.ts'
import { changeOwn } from './own-alliance.ts'
import * as ranks from './ranks.ts'

/** See {@link ranks.demote}. */
export const demote: ChatHandler<'chat.alliance.demote'> =
  (chat) =>
  async ({ session }, { rid }) => {
    await changeOwn(chat, session, [rid], (state) => ranks.demote(state, session.rid, rid))
    return {}
  }
