import type { GameHandler } from '../game.ts'
import { changeOwn } from './change-own.ts'
import { reject as rule } from './requests.ts'

/** See {@link rule}. */
export const reject: GameHandler<'game.team.reject'> =
  (game) =>
  (context, { rid }) =>
    changeOwn(game, context, (team, by) => rule(team, by, rid))
