import type { ChatHandler } from '../chat.ts'
import { requirePermission } from './alliance.ts'
import { ownMembership } from './own-alliance.ts'
import { requestView } from './views.ts'

/** The rank is the one of this moment: a list is no change that must be decided upon what is locked. */
export const applications: ChatHandler<'chat.alliance.applications'> =
  (chat) =>
  async ({ session }, { limit, cursor }) => {
    const { allianceId, rank } = await ownMembership(chat, session)
    requirePermission(rank, 'seeApplications')
    const page = await chat.alliances.requestsOf(allianceId, 'application', {
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    })
    return {
      requests: page.requests.map(requestView),
      ...(page.next === undefined ? {} : { next: page.next }),
    }
  }
