import type { GameHandler } from '../game.ts'
import { changeOwn } from './change-own.ts'
import { approve as rule } from './requests.ts'

/** An application goes with the role that has made it. */
export const approve: GameHandler<'game.team.approve'> =
  (game) =>
  async (context, { rid }) => {
    const isPlayed = await game.teams.isPlayed(rid)
    return changeOwn(game, context, (team, by, { nowMs }) =>
      rule(team, by, { rid, isPlayed }, game.teams.settings, nowMs),
    )
  }
