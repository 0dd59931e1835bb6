import type { StorageDrivers } from '@hydra/persistence'
import type { ClusterDrivers } from '@hydra/rpc'
import {
  Lifecycle,
  type Clock,
  type Ids,
  type ListenAddress,
  type Logger,
  type Metrics,
  type Tracer,
} from '@hydra/runtime'
import type { GateConfig } from './config.ts'
import type { HandshakeValidator } from './packet/handshake.ts'
import { startGate } from './gate.ts'

/** What the gate keeps in storage: which session an account has, and whether it is banned. */
export type GateStorage = Pick<StorageDrivers, 'accounts'> & {
  readonly stores: Pick<StorageDrivers['stores'], 'sessions'>
}

/** What the gate is made of. Drivers are closed by whoever opened them. */
export interface GateAppOptions {
  readonly config: Pick<
    GateConfig,
    'gate' | 'tcp' | 'limits' | 'resume' | 'release' | 'drain' | 'cluster' | 'rpc' | 'token'
  >
  readonly cluster: ClusterDrivers
  readonly storage: GateStorage
  /** Rules of one's own about which clients may come, besides those of the configuration. */
  readonly handshakeValidators?: readonly HandshakeValidator[]
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Logger
  readonly metrics: Metrics
  /** None when absent. */
  readonly tracer?: Tracer
}

/** The running gate. */
export interface GateApp {
  /**
   * Listens, then announces the gate in the registry.
   *
   * @throws ListenError when the port is taken; HydraError when the bus is closed.
   */
  start(): Promise<ListenAddress>
  /** Drains: clients are told to go elsewhere, game servers confirm every role; then withdraws and closes. */
  stop(): Promise<void>
}

/**
 * Wires the gate.
 *
 * @example
 * const gate = createGateApp({ config, cluster: createMemoryCluster(), storage, clock, ids, log, metrics })
 * const { port } = await gate.start()
 * await gate.stop()
 */
export function createGateApp(options: GateAppOptions): GateApp {
  const lifecycle = new Lifecycle(options.log)
  let empty: () => Promise<void> = () => Promise.resolve()
  return {
    async start() {
      const gate = await startGate(options, lifecycle)
      empty = gate.drain
      return gate.address
    },
    async stop() {
      const drained = empty()
      empty = () => drained
      await drained
      await lifecycle.stop()
    },
  }
}
