import type { Roles } from '@hydra/persistence'
import type { ServiceHandlers } from '@hydra/rpc'
import type { Clock, Ids, Logger } from '@hydra/runtime'
import type { RoleActors } from './actor/role-actors.ts'
import type { Leave } from './actor/role-session.ts'
import type { GameDays } from './daily/game-day.ts'
import type { GameEventLog } from './event-log/game-event-log.ts'
import type { ChatLink } from './role/chat-link.ts'
import type { LateArrivals } from './role/late-arrivals.ts'
import type { RoleEvents } from './role/role-events.ts'
import type { LedgerPages } from './ledger/ledger-pages.ts'
import type { TellRole } from './role/tell-role.ts'
import type { RoleTopic } from './role/role-topic.ts'
import type { Rewards } from './scene/host/rewards.ts'
import type { World } from './scene/host/world.ts'
import type { Tables } from './tables/tables.ts'
import type { Teams } from './team/teams.ts'
import type { HoldResolver } from './wallet/resolve-holds.ts'

/** What handlers have at hand. A feature that needs more adds it here and in `app.ts`. */
export interface Game {
  readonly actors: RoleActors
  readonly roles: Roles
  readonly chat: ChatLink
  /** Roles that chat could not be told of when they entered. */
  readonly late: LateArrivals
  readonly events: RoleEvents
  readonly eventLog: GameEventLog
  readonly holds: HoldResolver
  readonly tables: Tables
  readonly teams: Teams
  /** Which day it is, see `withKill`. */
  readonly days: GameDays
  readonly dailyReward: { readonly gold: number; readonly gems: number }

  readonly clock: Clock
  readonly ids: Ids
  readonly log: Logger

  /** 0 to 1, the latter excluded. */
  readonly random: () => number
  readonly ledgerPages: LedgerPages
  /** Sends a push to whoever plays a role. */
  readonly tell: TellRole
  /** Lets sessions receive what is told to their role. */
  readonly roleTopic: RoleTopic

  /** Who is in which scene of this server. */
  readonly world: World
  readonly rewards: Rewards

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
