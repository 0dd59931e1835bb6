import type { ChatHandler } from '../chat.ts'
import { changeOwn } from './own-alliance.ts'
import * as ranks from './ranks.ts'

/** See {@link ranks.promote}. */
export const promote: ChatHandler<'chat.alliance.promote'> =
  (chat) =>
  async ({ session }, { rid }) => {
    await changeOwn(chat, session, [rid], (state) => ranks.promote(state, session.rid, rid))
    return {}
  }
