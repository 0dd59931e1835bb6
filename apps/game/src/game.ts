import type { Roles } from '@hydra/persistence'
import type { ServiceHandlers } from '@hydra/rpc'
import type { Clock, Ids, Logger } from '@hydra/runtime'
import type { RoleActors } from './actor/role-actors.ts'
import type { Leave } from './actor/role-session.ts'
import type { ChatLink } from './role/chat-link.ts'
import type { RoleEvents } from './role/role-events.ts'
import type { HoldResolver } from './wallet/resolve-holds.ts'

/** What handlers have at hand. A feature that needs more adds it here and in `app.ts`. */
export interface Game {
  readonly actors: RoleActors
  readonly roles: Roles
  readonly chat: ChatLink
  readonly events: RoleEvents
  readonly holds: HoldResolver
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Logger
  /** Removes what a role left behind that is not in memory here. */
  endSession(rid: string, uid: string, leave: Leave): Promise<void>
}

/**
 * How a handler file is written: given the game, it answers the function for its route.
 *
 * @example
 * export const get: GameHandler<'game.role.get'> = ({ actors }) => (context) =>
 *   actors.run(context, context.session.rid, (role) => ({ role: viewOf(role.state) }))
 */
export type GameHandler<Name extends keyof ServiceHandlers<'game'>> = (
  game: Game,
) => ServiceHandlers<'game'>[Name]
