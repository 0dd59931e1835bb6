import type { StorageDrivers } from '@hydra/persistence'
import type { ClusterDrivers } from '@hydra/rpc'
import { Lifecycle, type Clock, type Ids, type Logger, type Metrics, type Tracer } from '@hydra/runtime'
import type { ChatConfig } from './config.ts'
import { startChat } from './start-chat.ts'

/** What the chat service keeps in storage. */
export type ChatStorage = Pick<StorageDrivers, 'roles' | 'objects' | 'alliances' | 'chatArchive'> & {
  readonly stores: Pick<
    StorageDrivers['stores'],
    'chatLog' | 'chatMarkers' | 'chatTeams' | 'presence' | 'allianceViews' | 'roleJournal'
  >
}

/** What the chat service is made of. Drivers are closed by whoever opened them. */
export interface ChatAppOptions {
  readonly config: Pick<
    ChatConfig,
    'cluster' | 'rpc' | 'channel' | 'rates' | 'words' | 'presence' | 'alliance' | 'drain'
  >
  readonly cluster: ClusterDrivers
  readonly storage: ChatStorage
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Logger
  readonly metrics: Metrics
  /** None when absent. */
  readonly tracer?: Tracer
}

/** The running chat service. */
export interface ChatApp {
  /**
   * Answers calls, then announces the server in the registry.
   *
   * @throws HydraError `CONFIG_INVALID` when there is no such word list; when the bus or the registry is closed.
   */
  start(): Promise<{ readonly serverId: string }>
  /** Drains: nothing new, calls under way are answered. Then withdraws and closes. */
  stop(): Promise<void>
}

/**
 * Wires the chat service. What it keeps in memory can be lost, so any number of chat servers work side by side.
 *
 * @example
 * const chat = createChatApp({ config, cluster: createMemoryCluster(), storage, clock, ids, log, metrics })
 * const { serverId } = await chat.start()
 * await chat.stop()
 */
export function createChatApp(options: ChatAppOptions): ChatApp {
  const lifecycle = new Lifecycle(options.log)
  return {
    start: () => startChat(options, lifecycle),
    stop: () => lifecycle.stop(),
  }
}
