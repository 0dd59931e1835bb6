import type { GameHandler } from '../game.ts'
import { withEntry } from '../ledger/ledger.ts'
import { withOperation } from '../operation/operation.ts'
import { dailyOf, withClaim } from './daily.ts'

/** The operation comes first: who asks once more, because an answer was lost, is told that it was made. */
export const claim: GameHandler<'game.daily.claim'> =
  ({ actors, days, dailyReward, tables, clock }) =>
  (context, { operation }) =>
    actors.run(context, context.session.rid, async (role) => {
      const state = await role.changeDurably((before) => {
        const nowMs = clock.nowMs()
        const claimed = withClaim(withOperation(before, operation), days.dayAt(nowMs))
        const entry = { reason: 'daily', ref: claimed.daily.day, ...dailyReward } as const
        return withEntry(claimed, entry, { tables, nowMs })
      })
      const { gold, gems } = state.wallet
      return { ...dailyOf(state, days, clock.nowMs()), gold, gems }
    })
