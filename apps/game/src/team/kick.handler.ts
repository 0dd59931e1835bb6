import type { GameHandler } from '../game.ts'
import { changeOwn } from './change-own.ts'
import { kick as rule } from './team.ts'

/** See {@link rule}. */
export const kick: GameHandler<'game.team.kick'> =
  (game) =>
  (context, { rid }) =>
    changeOwn(game, context, (team, by) => rule(team, by, rid))
