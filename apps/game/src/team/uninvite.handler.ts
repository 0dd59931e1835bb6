import type { GameHandler } from '../game.ts'
import { changeOwn } from './change-own.ts'
import { uninvite as rule } from './requests.ts'

/** See {@link rule}. */
export const uninvite: GameHandler<'game.team.uninvite'> =
  (game) =>
  (context, { rid }) =>
    changeOwn(game, context, (team, by) => rule(team, by, rid))
