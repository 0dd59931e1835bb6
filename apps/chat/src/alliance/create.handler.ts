import type { ChatHandler } from '../chat.ts'
import { presentRole } from './callers.ts'
import { foundAlliance } from './found-alliance.ts'
import { refuseWords } from './refuse-words.ts'
import { viewOfRoster } from './views.ts'

/** What costs nothing to refuse is refused before gold is set aside. */
export const create: ChatHandler<'chat.alliance.create'> =
  (chat) =>
  async ({ session }, wanted) => {
    const { name, tag, description } = wanted
    refuseWords(chat.words, { name, tag, description })
    const founded = await foundAlliance(chat, await presentRole(chat, session), wanted)
    return { alliance: viewOfRoster(founded, chat.config.alliance.capacities) }
  }
