import type { StorageDrivers } from '@hydra/persistence'
import { events, type PayloadOf } from '@hydra/protocol'
import type { ClusterDrivers, Registry, RpcPeer } from '@hydra/rpc'
import {
  createIds,
  createLogger,
  createMetrics,
  ManualClock,
  Readiness,
  systemClock,
  type Metrics,
} from '@hydra/runtime'
import { createGameApp, type GameApp } from '../app.ts'
import { gameConfigSchema } from '../config.ts'
import { Faults } from './faults.ts'
import type { TestBackends } from './test-backends.ts'
import { TestChat } from './test-chat.ts'
import { TestGate } from './test-gate.ts'
import { openTestPeer } from './test-peer.ts'

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
  readonly chat = new TestChat()
  /** What services were told of roles, besides that they left: the name of the event and what it says. */
  readonly roleEvents: [string, unknown][] = []
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
    const { left, ...others } = events.game.role
    await peer.on(left, (payload) => this.#onLeft(payload))
    for (const event of Object.values(others)) {
      await peer.on(event, (payload) => void this.roleEvents.push([event.name, payload]))
    }
    return new TestGate({ peer, cluster, sessions: this.storage.stores.sessions })
  }

  async startChat(): Promise<void> {
    await this.#openPeer('chat', await this.#openCluster(), (peer) =>
      peer.serve('chat', this.chat.handlers()),
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

  async #openPeer(type: 'gate' | 'chat', cluster: Cluster, serve?: (peer: RpcPeer) => Promise<void>) {
    const { clock } = this
    const peer = await openTestPeer({ type, env: this.#backends.env, cluster, clock, ids: this.#ids }, serve)
    this.#stops.push(() => peer.close(0))
    return peer
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
