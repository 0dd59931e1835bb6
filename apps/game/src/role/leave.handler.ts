import type { GameHandler } from '../game.ts'
import type { Leave } from '../actor/role-session.ts'

/** Called by gates. Saving and releasing is the actor's work; here is what to do when the role has none. */
export const leave: GameHandler<'game.role.leave'> =
  ({ actors, endSession }) =>
  async (_context, { rid, uid, sessionId, sessionEpoch, reason, grace }) => {
    const cause: Leave = { kind: 'ended', reason, session: { sessionId, epoch: sessionEpoch } }
    const state = await actors.leave({ rid, uid }, cause, grace)
    if (state === 'absent') await endSession(rid, uid, cause)
    return { state }
  }
