import type { GameHandler } from '../game.ts'
import { entered, viewOf } from './role.ts'

/** Chat hears of it during the role's turn, so that a leave, which is a later turn, cannot overtake it. */
export const enter: GameHandler<'game.role.enter'> =
  ({ actors, chat, clock }) =>
  async (context, { rid }) => {
    const { session } = context
    if (session.rid !== undefined && session.rid !== rid) await actors.switchFrom(session.rid, session)
    return actors.run(context, rid, async (role) => {
      const state = await role.change((before) => entered(before, clock.nowMs()))
      await chat.entered(state, session)
      context.updateSession({ rid })
      return { role: viewOf(state) }
    })
  }
