import type { ChatHandler } from '../chat.ts'
import { requestNotFound } from './alliance.ts'
import * as joining from './joining.ts'
import { changeOwn } from './own-alliance.ts'

/** A role that is no more has no invitation. */
export const uninvite: ChatHandler<'chat.alliance.uninvite'> =
  (chat) =>
  async ({ session }, { rid }) => {
    const role = await chat.storedRole(rid)
    await changeOwn(chat, session, [rid], (state) => {
      if (role === undefined) throw requestNotFound('invitation')
      return joining.uninvite(state, session.rid, role)
    })
    return {}
  }
