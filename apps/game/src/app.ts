import type { StorageDrivers } from '@hydra/persistence'
import type { ClusterDrivers } from '@hydra/rpc'
import {
  Lifecycle,
  type Clock,
  type Ids,
  type Logger,
  type Metrics,
  type Readiness,
  type Tracer,
} from '@hydra/runtime'
import type { GameConfig } from './config.ts'
import type { Game } from './game.ts'
import { startGame } from './start-game.ts'
import type { Tables } from './tables/tables.ts'

/** What the game service keeps in storage. */
export type GameStorage = Pick<StorageDrivers, 'roles' | 'objects'> & {
  readonly stores: Pick<StorageDrivers['stores'], 'roleJournal' | 'sessions' | 'teams'>
}

/** What the game service is made of. Drivers are closed by whoever opened them. */
export interface GameAppOptions {
  readonly config: Pick<
    GameConfig,
    | 'cluster'
    | 'rpc'
    | 'roleQueue'
    | 'role'
    | 'chat'
    | 'wallet'
    | 'scene'
    | 'sceneRules'
    | 'daily'
    | 'eventLog'
    | 'refusals'
    | 'drain'
    | 'ledger'
    | 'team'
  >
  readonly cluster: ClusterDrivers
  readonly storage: GameStorage
  /** The design tables, see `loadTables`. */
  readonly tables: Tables
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Logger
  readonly metrics: Metrics
  /** None when absent. */
  readonly tracer?: Tracer
  /** A number in [0, 1), for the jitter of retries; `Math.random` when absent. */
  readonly random?: () => number
  /** Is told how roles are saved while a store is away. */
  readonly readiness?: Pick<Readiness, 'add'>
}

/** A game service that has started. */
export interface StartedGame {
  readonly serverId: string
  /** What its handlers have at hand, for whoever embeds it. */
  readonly game: Game
}

/** The running game service. */
export interface GameApp {
  /**
   * Answers calls, then announces the server in the registry.
   *
   * @throws HydraError when the bus or the registry is closed.
   */
  start(): Promise<StartedGame>
  /**
   * Drains: no new roles; every role is saved and released, its players go on on another server; what is left is
   * counted in the log and stays in the journal. Then withdraws and closes.
   */
  stop(): Promise<void>
}

/**
 * Wires the game service.
 *
 * @example
 * const tables = loadTables('data/tables')
 * const game = createGameApp({ config, cluster: createMemoryCluster(), storage, tables, clock, ids, log, metrics })
 * const { serverId } = await game.start()
 * await game.stop()
 */
export function createGameApp(options: GameAppOptions): GameApp {
  const lifecycle = new Lifecycle(options.log)
  return {
    start: () => startGame(options, lifecycle),
    stop: () => lifecycle.stop(),
  }
}
