import type { ChatHandler } from '../chat.ts'
import { changeOwn } from './own-alliance.ts'
import * as ranks from './ranks.ts'

/** The role stops receiving the channel of the alliance before this answers. */
export const leave: ChatHandler<'chat.alliance.leave'> =
  (chat) =>
  async ({ session }) => {
    await changeOwn(chat, session, [], (state) => ranks.leave(state, session.rid))
    return {}
  }
