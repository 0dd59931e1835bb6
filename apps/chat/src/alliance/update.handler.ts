import type { ChatHandler } from '../chat.ts'
import * as settings from './alliance-settings.ts'
import { notInAlliance } from './alliance.ts'
import { changeOwn, ownMembership } from './own-alliance.ts'
import { refuseWords } from './refuse-words.ts'
import { ownViewOf } from './views.ts'

/** When nothing is different, the alliance is answered as it is. */
export const update: ChatHandler<'chat.alliance.update'> =
  (chat) =>
  async ({ session }, change) => {
    const { notice, description } = change
    refuseWords(chat.words, { notice, description })
    const changed = await changeOwn(chat, session, [], (state) => settings.update(state, session.rid, change))
    const roster = changed ?? (await chat.rosters.get((await ownMembership(chat, session)).allianceId))
    if (roster === undefined) throw notInAlliance()
    return { alliance: ownViewOf(roster, chat.config.alliance.capacities) }
  }
