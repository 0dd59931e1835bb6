import type { GameHandler } from '../game.ts'
import { changeOwn } from './change-own.ts'
import { leave as rule } from './team.ts'

/** See {@link rule}. */
export const leave: GameHandler<'game.team.leave'> = (game) => async (context) => {
  const { team } = await changeOwn(game, context, rule)
  return { team: team.members.length === 0 ? null : team }
}
