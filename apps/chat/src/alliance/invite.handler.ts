import type { ChatHandler } from '../chat.ts'
import { namedRole } from './callers.ts'
import * as joining from './joining.ts'
import { openElsewhere } from './open-elsewhere.ts'
import { changeOwn, ownMembership } from './own-alliance.ts'

/**
 * The invited role may be offline; it finds the invitation in `chat.alliance.requests`. Its other invitations are counted
 * beforehand.
 */
export const invite: ChatHandler<'chat.alliance.invite'> =
  (chat) =>
  async ({ session }, { rid }) => {
    const { allianceId } = await ownMembership(chat, session)
    const role = await namedRole(chat, rid)
    const elsewhere = await openElsewhere(chat, { kind: 'invitation', rid, allianceId })
    const changed = await changeOwn(chat, session, [rid], (state) =>
      joining.invite(state, session.rid, role, chat.config.alliance, elsewhere),
    )
    const joined = changed?.members.some((member) => member.rid === rid) ?? false
    return { state: joined ? 'joined' : 'invited' }
  }
