import type { GameHandler } from '../game.ts'
import { changeOwn } from './change-own.ts'
import { disband as rule } from './team.ts'

/** See {@link rule}. */
export const disband: GameHandler<'game.team.disband'> = (game) => async (context) => {
  await changeOwn(game, context, rule)
  return {}
}
