import type { ChatHandler } from '../chat.ts'
import { requestNotFound } from './alliance.ts'
import * as joining from './joining.ts'
import { changeOwn } from './own-alliance.ts'

/** A role that is no more has no application. */
export const approve: ChatHandler<'chat.alliance.approve'> =
  (chat) =>
  async ({ session }, { rid }) => {
    const role = await chat.storedRole(rid)
    await changeOwn(chat, session, [rid], (state) => {
      if (role === undefined) throw requestNotFound('application')
      return joining.approve(state, session.rid, role, chat.config.alliance)
    })
    return {}
  }
