import { withKill } from '../../daily/daily.ts'
import type { Game } from '../../game.ts'
import { grant } from '../../ledger/grant.ts'
import type { Kill } from '../scene.ts'
import type { RewardedRole } from './rewards.ts'
import type { KillShare } from './share-kill.ts'

/** What giving needs. */
export type GiveShareDeps = Pick<Game, 'actors' | 'tables' | 'clock' | 'random' | 'tell' | 'days'>

/**
 * Gives a role its share of a kill, once, and counts the kill for its day: that of each who shares in it, because they made
 * it together.
 *
 * @throws HydraError as `grant`.
 */
export async function giveShare(
  deps: GiveShareDeps,
  role: RewardedRole,
  { killId }: Pick<Kill, 'killId'>,
  { exp, gold }: KillShare,
): Promise<void> {
  const day = deps.days.dayAt(deps.clock.nowMs())
  await grant(
    deps,
    role,
    { reason: 'kill', ref: killId, exp, gold },
    { also: (state) => withKill(state, day) },
  )
}
