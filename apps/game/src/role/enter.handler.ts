import type { GameHandler } from '../game.ts'
import { entered, viewOf } from './role.ts'

/**
 * Chat hears of it during the role's turn, so that a leave, which is a later turn, cannot overtake it. Payments that
 * were left behind are looked after in the background: entering does not wait for them.
 */
export const enter: GameHandler<'game.role.enter'> =
  ({ actors, chat, events, holds, clock }) =>
  async (context, { rid }) => {
    const { session } = context
    if (session.rid !== undefined && session.rid !== rid) await actors.switchFrom(session.rid, session)
    return actors.run(context, rid, async (role) => {
      const state = await role.change((before) => entered(before, clock.nowMs()))
      await chat.entered(state, session)
      events.entered(state, session)
      context.updateSession({ rid })
      holds.request(state)
      return { role: viewOf(state) }
    })
  }
