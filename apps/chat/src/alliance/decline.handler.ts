import type { ChatHandler } from '../chat.ts'
import { requestNotFound } from './alliance.ts'
import { changeAlliance } from './change-alliance.ts'
import * as joining from './joining.ts'
import { unlessDisbanded } from './own-alliance.ts'

/** A disbanded alliance has no invitations, nor has a role that is no more. */
export const decline: ChatHandler<'chat.alliance.decline'> =
  (chat) =>
  async ({ session }, { allianceId }) => {
    const role = await chat.storedRole(session.rid)
    if (role === undefined) throw requestNotFound('invitation')
    await unlessDisbanded(
      () => requestNotFound('invitation'),
      () =>
        changeAlliance(chat, {
          allianceId,
          rids: [role.rid],
          decide: (state) => joining.decline(state, role),
        }),
    )
    return {}
  }
