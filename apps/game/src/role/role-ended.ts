import type { Logger } from '@hydra/runtime'
import type { EndedActor } from '../actor/role-actor-host.ts'
import type { GameEventLog } from '../event-log/game-event-log.ts'
import type { GameMetrics } from '../game-metrics.ts'
import type { RoleEvents } from './role-events.ts'

/** What telling needs. */
export interface RoleEndedDeps {
  readonly events: Pick<RoleEvents, 'left'>
  readonly eventLog: Pick<GameEventLog, 'logout'>
  readonly log: Logger
  readonly metrics: Pick<GameMetrics, 'leaves'>
}

/** Tells log, metric and the other services what became of a role that is no longer in memory. */
export function onRoleEnded({ events, eventLog, log, metrics }: RoleEndedDeps): (actor: EndedActor) => void {
  return ({ rid, uid, end, leave, role }) => {
    if (end === 'not-loaded') return
    metrics.leaves.inc({ reason: leave?.reason ?? 'NONE', outcome: end })
    const fields = { rid, uid, end, reason: leave?.reason, version: role?.state.version }
    if (end === 'saved') log.info(fields, 'a role left')
    else log.warn(fields, 'a role left without being saved by this server')
    // A role that moves to another server has not left the game.
    if (end !== 'saved' || leave === undefined || role === undefined || leave.kind === 'moved') return
    const { reason, session } = leave
    const { epoch, state } = role
    eventLog.logout(state, leave)
    events.left({ rid, uid, sessionId: session.sessionId, reason, epoch, version: state.version })
  }
}
