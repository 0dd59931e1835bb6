import { onDay } from '../daily/daily.ts'
import type { GameHandler } from '../game.ts'
import { entered, viewOf } from './role.ts'

/**
 * Chat and gate hear of it during the role's turn, so that a leave, which is a later turn, cannot overtake it. Payments that
 * were left behind are looked after in the background: entering does not wait for them.
 */
export const enter: GameHandler<'game.role.enter'> =
  ({ actors, chat, late, events, roleTopic, eventLog, holds, days, clock }) =>
  async (context, { rid }) => {
    const { session } = context
    if (session.rid !== undefined && session.rid !== rid) await actors.switchFrom(session.rid, session)
    return actors.run(context, rid, async (role) => {
      const nowMs = clock.nowMs()
      const state = await role.change((before) => onDay(entered(before, nowMs), days.dayAt(nowMs)))
      const [telling] = await Promise.all([
        chat.entered(state, session),
        roleTopic.joined(rid, session, session.rid),
      ])
      if (telling === 'later') late.note(rid, session)
      else late.settled(rid, session)
      events.entered(state, session)
      eventLog.login(state, session)
      context.updateSession({ rid })
      holds.request(state)
      return { role: viewOf(state) }
    })
  }
