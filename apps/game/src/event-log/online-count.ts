import type { Clock, Timer } from '@hydra/runtime'
import type { RoleActors } from '../actor/role-actors.ts'
import type { GameEventLog } from './game-event-log.ts'

/** What counting needs. */
export interface OnlineCountOptions {
  readonly actors: Pick<RoleActors, 'all'>
  readonly eventLog: Pick<GameEventLog, 'online'>
  readonly clock: Clock
  readonly intervalMs: number
}

/** Records from time to time how many roles are played here, those among them that wait for their players to come back. */
export function startOnlineCount({ actors, eventLog, clock, intervalMs }: OnlineCountOptions): Timer {
  return clock.every(intervalMs, () => {
    let roles = 0
    for (const { stage, session } of actors.all()) {
      if (session !== undefined && (stage === 'active' || stage === 'grace')) roles++
    }
    eventLog.online(roles)
  })
}
