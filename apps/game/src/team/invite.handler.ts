import type { GameHandler } from '../game.ts'
import { changeOwn } from './change-own.ts'
import { invite as rule } from './requests.ts'

/** Whether the role is there, and in a team, is looked up beforehand: it may change at any moment. */
export const invite: GameHandler<'game.team.invite'> =
  (game) =>
  async (context, { rid }) => {
    const invitee = await game.teams.inviteeOf(rid)
    return changeOwn(game, context, (team, by, { nowMs }) =>
      rule(team, by, invitee, game.teams.settings, nowMs),
    )
  }
