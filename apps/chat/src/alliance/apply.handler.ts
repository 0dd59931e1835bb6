import type { ChatHandler } from '../chat.ts'
import { presentRole } from './callers.ts'
import { changeAlliance } from './change-alliance.ts'
import * as joining from './joining.ts'
import { openElsewhere } from './open-elsewhere.ts'

/** Its other applications are counted beforehand. */
export const apply: ChatHandler<'chat.alliance.apply'> =
  (chat) =>
  async ({ session }, { allianceId }) => {
    const role = await presentRole(chat, session)
    const elsewhere = await openElsewhere(chat, { kind: 'application', rid: role.rid, allianceId })
    const changed = await changeAlliance(chat, {
      allianceId,
      rids: [role.rid],
      decide: (state) => joining.apply(state, role, chat.config.alliance, elsewhere),
    })
    const joined = changed?.members.some(({ rid }) => rid === role.rid) ?? false
    return { state: joined ? 'joined' : 'applied' }
  }
