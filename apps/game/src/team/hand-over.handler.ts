import type { GameHandler } from '../game.ts'
import { changeOwn } from './change-own.ts'
import { handOver as rule } from './team.ts'

/** See {@link rule}. */
export const handOver: GameHandler<'game.team.handOver'> =
  (game) =>
  (context, { rid }) =>
    changeOwn(game, context, (team, by) => rule(team, by, rid))
