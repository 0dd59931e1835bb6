import type { StorageDrivers } from '@hydra/persistence'
import type { ClusterDrivers } from '@hydra/rpc'
import { Lifecycle, type Clock, type Ids, type Logger, type Metrics, type Readiness } from '@hydra/runtime'
import type { GameConfig } from './config.ts'
import { startGame } from './start-game.ts'

/** What the game service keeps in storage. */
export type GameStorage = Pick<StorageDrivers, 'roles'> & {
  readonly stores: Pick<StorageDrivers['stores'], 'roleJournal' | 'sessions'>
}

/** What the game service is made of. Drivers are closed by whoever opened them. */
export interface GameAppOptions {
  readonly config: Pick<GameConfig, 'cluster' | 'rpc' | 'roleQueue' | 'role' | 'chat' | 'wallet' | 'drain'>
  readonly cluster: ClusterDrivers
  readonly storage: GameStorage
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Logger
  readonly metrics: Metrics
  /** A number in [0, 1), for the jitter of retries; `Math.random` when absent. */
  readonly random?: () => number
  /** Is told how roles are saved while a store is away. */
  readonly readiness?: Pick<Readiness, 'add'>
}

/** The running game service. */
export interface GameApp {
  /**
   * Answers calls, then announces the server in the registry.
   *
   * @throws HydraError when the bus or the registry is closed.
   */
  start(): Promise<{ readonly serverId: string }>
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
 * const game = createGameApp({ config, cluster: createMemoryCluster(), storage, clock, ids, log, metrics })
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
