import type { ChatHandler } from '../chat.ts'
import { requestNotFound } from './alliance.ts'
import { changeAlliance } from './change-alliance.ts'
import * as joining from './joining.ts'
import { unlessDisbanded } from './own-alliance.ts'

/** A disbanded alliance has no applications, nor has a role that is no more. */
export const cancel: ChatHandler<'chat.alliance.cancel'> =
  (chat) =>
  async ({ session }, { allianceId }) => {
    const role = await chat.storedRole(session.rid)
    if (role === undefined) throw requestNotFound('application')
    await unlessDisbanded(
      () => requestNotFound('application'),
      () =>
        changeAlliance(chat, {
          allianceId,
          rids: [role.rid],
          decide: (state) => joining.cancel(state, role),
        }),
    )
    return {}
  }
