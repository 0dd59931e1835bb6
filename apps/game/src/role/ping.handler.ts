import type { GameHandler } from '../game.ts'

/** Takes a turn like any other request, so that the time it takes is the time that others take. */
export const ping: GameHandler<'game.role.ping'> =
  ({ actors, clock }) =>
  (context, body) =>
    actors.run(context, context.session.rid, () => ({ ...body, serverTimeMs: clock.nowMs() }))
