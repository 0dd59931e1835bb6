import { HydraError } from '@hydra/protocol'
import type { ChatHandler } from '../chat.ts'
import { notInAlliance, requirePermission } from './alliance.ts'
import { changeAlliance } from './change-alliance.ts'
import { unlessDisbanded, ownMembership } from './own-alliance.ts'
import * as ranks from './ranks.ts'

/** How often it is tried while others change the alliance at the same time. */
const attemptsMax = 10

/**
 * The mark of the change must name everybody who goes, before it is known who does: so it is decided upon those who were
 * read before, and read again when that was not everybody any more.
 */
export const disband: ChatHandler<'chat.alliance.disband'> =
  (chat) =>
  async ({ session }) => {
    const { allianceId, rank } = await ownMembership(chat, session)
    requirePermission(rank, 'disband')
    const hasChanged = new HydraError(
      'SERVER_BUSY',
      'The alliance keeps changing while it is to be disbanded; try again in a moment.',
    )
    for (let attempt = 1; ; attempt++) {
      const roster = await chat.alliances.roster(allianceId)
      if (roster === undefined) throw notInAlliance()
      const { version } = roster.alliance
      const others = roster.members.map(({ rid }) => rid)
      try {
        await unlessDisbanded(notInAlliance, () =>
          changeAlliance(chat, {
            allianceId,
            rids: [session.rid],
            others,
            decide: (state) => {
              if (state.alliance.version !== version) throw hasChanged
              return ranks.disband(state, session.rid)
            },
          }),
        )
        return {}
      } catch (error) {
        if (error !== hasChanged || attempt >= attemptsMax) throw error
      }
    }
  }
