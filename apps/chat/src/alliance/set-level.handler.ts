import type { ChatHandler } from '../chat.ts'
import * as settings from './alliance-settings.ts'
import { changeAlliance } from './change-alliance.ts'

/** Game decides about levels; chat only knows what they mean for the number of members. */
export const setLevel: ChatHandler<'chat.alliance.setLevel'> =
  (chat) =>
  async (_context, { allianceId, level }) => {
    await changeAlliance(chat, { allianceId, rids: [], decide: (state) => settings.setLevel(state, level) })
    return {}
  }
