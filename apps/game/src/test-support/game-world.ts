import { join } from 'node:path'
import type { StorageDrivers } from '@hydra/persistence'
import { events, type PayloadOf } from '@hydra/protocol'
import { createTopicMembers, type ClusterDrivers, type Registry, type RpcPeer } from '@hydra/rpc'
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
import type { Game } from '../game.ts'
import type { Tables } from '../tables/tables.ts'
import { Faults } from './faults.ts'
import type { TestBackends } from './test-backends.ts'
import { SessionTopics } from './session-topics.ts'
import { TestChat } from './test-chat.ts'
import { TestGate } from './test-gate.ts'
import { openTestPeer } from './test-peer.ts'
import { seeded } from './scene-fixture.ts'
import { testTables } from './test-tables.ts'

type RoleLeft = PayloadOf<typeof events.game.role.left>
type Cluster = ClusterDrivers & { close(): Promise<void> }

/** A game server of a test. */
export interface TestGame {
  readonly id: string
  readonly app: GameApp
  readonly game: Game
  readonly registry: Registry
  readonly faults: Faults
  readonly readiness: Readiness
  readonly metrics: Metrics
  /** Lines of its log, parsed. */
  readonly lines: readonly Readonly<Record<string, unknown>>[]
  /** Where it records what happens; `''`: nowhere. */
  readonly eventLogDirectory: string
  /** Leaves the registry without a word, as a process does that was killed. What it still does is fenced off. */
  die(): Promise<void>
}

/** What a world may have of its own. */
export interface GameWorldOptions {
  /** Those of the repository when absent. */
  readonly tables?: Tables
  readonly ledgerPagesMax?: number
  /** Each game server has its event log in a folder of it; none when absent. */
  readonly eventLogDirectory?: string
  readonly holdMaxMs?: number
}

/** Game servers, gates and a chat server on one set of backends, and a clock that stands still. */
export class GameWorld {
  readonly clock = new ManualClock()
  readonly storage: StorageDrivers
  readonly chat = new TestChat()
  /** What services were told of roles, besides that they left: the name of the event and what it says. */
  readonly roleEvents: [string, unknown][] = []
  readonly #backends: TestBackends
  #games = 0
  readonly #options: GameWorldOptions
  readonly #ids = createIds(systemClock)
  readonly #stops: (() => Promise<unknown>)[] = []
  readonly #left: RoleLeft[] = []
  readonly #leftWaiters: { readonly rid: string; readonly resolve: (left: RoleLeft) => void }[] = []

  constructor(backends: TestBackends, options: GameWorldOptions = {}) {
    this.#backends = backends
    this.#options = options
    this.storage = backends.storage
  }

  /** What the cluster is called. */
  get env(): string {
    return this.#backends.env
  }

  async startGame(): Promise<TestGame> {
    const cluster = await this.#openCluster()
    const faults = new Faults()
    const { storage } = this
    const lines: Record<string, unknown>[] = []
    const readiness = new Readiness({ clock: this.clock })
    const metrics = createMetrics({ service: 'game' })
    const within = this.#options.eventLogDirectory
    const eventLogDirectory = within === undefined ? '' : join(within, this.#ids.next())
    const app = createGameApp({
      config: gameConfigSchema.parse({
        cluster: { env: this.env },
        eventLog: { directory: eventLogDirectory },
        ledger: { pagesMax: this.#options.ledgerPagesMax },
        wallet: { holdMaxMs: this.#options.holdMaxMs },
      }),
      cluster,
      storage: {
        roles: faults.wrap('roles', storage.roles),
        objects: faults.wrap('objects', storage.objects),
        stores: {
          roleJournal: faults.wrap('journal', storage.stores.roleJournal),
          sessions: faults.wrap('sessions', storage.stores.sessions),
          teams: faults.wrap('teams', storage.stores.teams),
        },
      },
      tables: this.#options.tables ?? testTables(),
      clock: this.clock,
      ids: this.#ids,
      log: createLogger({
        level: 'debug',
        write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
      }),
      metrics,
      readiness,
      // Not always the same number, or all scenes would have one key.
      random: seeded((this.#games += 1)),
    })
    const { serverId, game } = await app.start()
    readiness.started()
    this.#stops.push(() => app.stop())
    const { registry } = cluster
    return {
      id: serverId,
      app,
      game,
      registry,
      faults,
      readiness,
      metrics,
      lines,
      eventLogDirectory,
      die: () => registry.close(),
    }
  }

  async startGate(): Promise<TestGate> {
    const cluster = await this.#openCluster()
    const { clock } = this
    const deps = { env: this.env, clock, log: silentLogger, metrics: createMetrics({ service: 'gate' }) }
    const topics = new SessionTopics((deliver) => createTopicMembers({ bus: cluster.bus, ...deps, deliver }))
    const peer = await this.#openPeer('gate', cluster, (each) => each.serve('gate', topics.handlers()))
    const { left, ...others } = events.game.role
    await peer.on(left, (payload) => this.#onLeft(payload))
    for (const event of Object.values(others)) {
      await peer.on(event, (payload) => void this.roleEvents.push([event.name, payload]))
    }
    return new TestGate({ peer, cluster, sessions: this.storage.stores.sessions, topics })
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
