import type { ChatHandler } from '../chat.ts'
import { presentRole } from './callers.ts'
import { changeAlliance } from './change-alliance.ts'
import * as joining from './joining.ts'

/** The name and level that the alliance shows are those that the role is online with. */
export const accept: ChatHandler<'chat.alliance.accept'> =
  (chat) =>
  async ({ session }, { allianceId }) => {
    const role = await presentRole(chat, session)
    await changeAlliance(chat, {
      allianceId,
      rids: [role.rid],
      decide: (state) => joining.accept(state, role, chat.config.alliance),
    })
    return {}
  }
