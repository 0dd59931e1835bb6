import type { ChatHandler } from '../chat.ts'
import { changeOwn } from './own-alliance.ts'
import * as ranks from './ranks.ts'

/** Both ranks and the leader change in one transaction: there is one leader at any time. */
export const handOver: ChatHandler<'chat.alliance.handOver'> =
  (chat) =>
  async ({ session }, { rid }) => {
    await changeOwn(chat, session, [rid], (state) => ranks.handOver(state, session.rid, rid))
    return {}
  }
