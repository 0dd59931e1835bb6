import type { StorageDrivers } from '@hydra/persistence'
import { events, HydraError, type PayloadOf } from '@hydra/protocol'
import {
  createRpcPeer,
  type ClusterDrivers,
  type Registry,
  type RpcPeer,
  type ServiceHandlers,
} from '@hydra/rpc'
import {
  createIds,
  createLogger,
  createMetrics,
  ManualClock,
  Readiness,
  silentLogger,
  systemClock,
  type Metrics,
} from '@hydra/runtime'
import { createGameApp, type GameApp } from '../app.ts'
import { gameConfigSchema } from '../config.ts'
import { Faults } from './faults.ts'
import type { TestBackends } from './test-backends.ts'
import { TestGate } from './test-gate.ts'

type RoleLeft = PayloadOf<typeof events.game.role.left>
type Cluster = ClusterDrivers & { close(): Promise<void> }

/** A game server of a test. */
export interface TestGame {
  readonly id: string
  readonly app: GameApp
  readonly registry: Registry
  readonly faults: Faults
  readonly readiness: Readiness
  readonly metrics: Metrics
  /** Lines of its log, parsed. */
  readonly lines: readonly Readonly<Record<string, unknown>>[]
  /** Leaves the registry without a word, as a process does that was killed. What it still does is fenced off. */
  die(): Promise<void>
}

/** Game servers, gates and a chat server on one set of backends, and a clock that stands still. */
export class GameWorld {
  readonly clock = new ManualClock()
  readonly storage: StorageDrivers
  /** What chat was told, such as `enter ada`; it answers nothing while {@link chatIsAway}. */
  readonly chatHeard: string[] = []
  chatIsAway = false
  readonly #backends: TestBackends
  readonly #ids = createIds(systemClock)
  readonly #stops: (() => Promise<unknown>)[] = []
  readonly #left: RoleLeft[] = []
  readonly #leftWaiters: { readonly rid: string; readonly resolve: (left: RoleLeft) => void }[] = []

  constructor(backends: TestBackends) {
    this.#backends = backends
    this.storage = backends.storage
  }

  async startGame(): Promise<TestGame> {
    const cluster = await this.#openCluster()
    const faults = new Faults()
    const { storage } = this
    const lines: Record<string, unknown>[] = []
    const readiness = new Readiness({ clock: this.clock })
    const metrics = createMetrics({ service: 'game' })
    const app = createGameApp({
      config: gameConfigSchema.parse({ cluster: { env: this.#backends.env } }),
      cluster,
      storage: {
        roles: faults.wrap('roles', storage.roles),
        stores: {
          roleJournal: faults.wrap('journal', storage.stores.roleJournal),
          sessions: faults.wrap('sessions', storage.stores.sessions),
        },
      },
      clock: this.clock,
      ids: this.#ids,
      log: createLogger({
        level: 'debug',
        write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
      }),
      metrics,
      readiness,
      random: () => 0.5,
    })
    const { serverId } = await app.start()
    readiness.started()
    this.#stops.push(() => app.stop())
    const { registry } = cluster
    return { id: serverId, app, registry, faults, readiness, metrics, lines, die: () => registry.close() }
  }

  async startGate(): Promise<TestGate> {
    const cluster = await this.#openCluster()
    const peer = await this.#openPeer('gate', cluster)
    await peer.on(events.game.role.left, (left) => this.#onLeft(left))
    return new TestGate({ peer, cluster, sessions: this.storage.stores.sessions })
  }

  async startChat(): Promise<void> {
    await this.#openPeer('chat', await this.#openCluster(), (peer) =>
      peer.serve('chat', this.#chatHandlers()),
    )
  }

  /** Resolves when a role has left, which it may have done already. */
  roleLeft(rid: string): Promise<RoleLeft> {
    const known = this.#left.findIndex((left) => left.rid === rid)
    const [left] = known === -1 ? [] : this.#left.splice(known, 1)
    if (left !== undefined) return Promise.resolve(left)
    return new Promise((resolve) => this.#leftWaiters.push({ rid, resolve }))
  }

  /** Stops everything, with a clock that runs: what a test has broken must not be waited for. */
  async close(): Promise<void> {
    const running = setInterval(() => this.clock.advance(100), 5)
    for (const stop of this.#stops.reverse()) await stop()
    clearInterval(running)
    await this.#backends.close()
  }

  #onLeft(left: RoleLeft): void {
    const waiter = this.#leftWaiters.findIndex(({ rid }) => rid === left.rid)
    if (waiter === -1) this.#left.push(left)
    else this.#leftWaiters.splice(waiter, 1)[0]?.resolve(left)
  }

  async #openCluster(): Promise<Cluster> {
    const cluster = await this.#backends.openCluster()
    this.#stops.push(() => cluster.close())
    return cluster
  }

  async #openPeer(
    type: 'gate' | 'chat',
    cluster: Cluster,
    serve: (peer: RpcPeer) => Promise<void> = () => Promise.resolve(),
  ) {
    const { clock } = this
    const id = this.#ids.next()
    const peer = await createRpcPeer({
      self: { id, type },
      env: this.#backends.env,
      ...cluster,
      clock,
      ids: this.#ids,
      log: silentLogger,
      metrics: createMetrics({ service: type }),
    })
    await serve(peer)
    await cluster.registry.announce({
      id,
      type,
      zone: 'test',
      host: 'localhost',
      state: 'ready',
      metadata: {},
      startedAtMs: clock.nowMs(),
      protocol: 1,
    })
    this.#stops.push(() => peer.close(0))
    return peer
  }

  /** Chat as game sees it. The real one is tested with game in tools/src/e2e. */
  #chatHandlers(): ServiceHandlers<'chat'> {
    const hear = (what: string): void => {
      if (this.chatIsAway) throw new HydraError('STORAGE_UNAVAILABLE', 'Chat is away, says the test.')
      this.chatHeard.push(what)
    }
    const forClients = () => {
      throw new HydraError('INTERNAL', 'Game never calls this.')
    }
    return {
      'chat.presence.enter': (_context, { rid, name }) => {
        hear(`enter ${rid} ${name}`)
        return { channels: ['world'] }
      },
      'chat.presence.rename': (_context, { rid, name }) => {
        hear(`rename ${rid} ${name}`)
        return {}
      },
      'chat.presence.leave': (_context, { rid }) => {
        hear(`leave ${rid}`)
        return {}
      },
      'chat.channel.send': forClients,
      'chat.channel.history': forClients,
      'chat.channel.join': forClients,
    }
  }
}

/** Resolves when a registry shows what is asked for, which it may do already. */
export function until(registry: Registry, shows: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (shows()) return resolve()
    const stop = registry.watch(() => {
      if (!shows()) return
      stop()
      resolve()
    })
  })
}
