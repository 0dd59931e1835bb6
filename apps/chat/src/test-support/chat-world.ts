import type { StorageDrivers } from '@hydra/persistence'
import type { Service } from '@hydra/protocol'
import {
  createRpcPeer,
  createTopicMembers,
  type Announcement,
  type ClusterDrivers,
  type Registry,
  type ServerRecord,
} from '@hydra/rpc'
import { createIds, createMetrics, ManualClock, silentLogger, systemClock } from '@hydra/runtime'
import { createChatApp } from '../app.ts'
import { chatConfigSchema } from '../config.ts'
import type { TestBackends } from './test-backends.ts'
import { TestGate } from './test-gate.ts'

type Cluster = ClusterDrivers & { close(): Promise<void> }
type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** The clock stands still, so nobody ever has to wait for less. */
const fast = { worldBurst: 10_000, allianceBurst: 10_000, teamBurst: 10_000, privateBurst: 10_000 }

/** Chat servers and gates on one set of backends, and a clock that stands still. */
export class ChatWorld {
  readonly clock = new ManualClock()
  readonly storage: StorageDrivers
  readonly #backends: TestBackends
  readonly #ids = createIds(systemClock)
  readonly #registries: Registry[] = []
  readonly #stops: (() => Promise<unknown>)[] = []

  constructor(backends: TestBackends) {
    this.#backends = backends
    this.storage = backends.storage
  }

  /**
   * Starts a chat server; answers its id when everybody sees it.
   *
   * @param sections of its configuration, to change
   */
  async startChat(sections: Sections = {}): Promise<{ readonly id: string; stop(): Promise<void> }> {
    const { clock, storage } = this
    const cluster = await this.#openCluster()
    const app = createChatApp({
      config: chatConfigSchema.parse({
        rates: fast,
        ...sections,
        cluster: { env: this.#backends.env },
      }),
      cluster,
      storage,
      clock,
      ids: this.#ids,
      log: silentLogger,
      metrics: createMetrics({ service: 'chat' }),
    })
    const { serverId } = await app.start()
    this.#stops.push(() => app.stop())
    await this.#allSee(serverId, 'chat')
    return { id: serverId, stop: () => app.stop() }
  }

  /** Starts a gate; `die` takes it out of the registry. */
  async startGate(zone = 'test'): Promise<{ readonly gate: TestGate; die(): Promise<void> }> {
    const { clock } = this
    const { peer, bus, announce, die } = await this.openServer('gate', zone)
    const { env } = this.#backends
    const deps = { env, clock, log: silentLogger, metrics: createMetrics({ service: 'gate' }) }
    const gate = new TestGate({
      peer,
      topics: (deliver) => createTopicMembers({ bus, ...deps, deliver }),
    })
    await peer.serve('gate', gate.handlers())
    await announce()
    return { gate, die }
  }

  /** A server that others see from `announce` to `die`, and that does nothing by itself. */
  async openServer(type: Service, zone = 'test') {
    const { clock } = this
    const { bus, registry } = await this.#openCluster()
    const id = this.#ids.next()
    const { env } = this.#backends
    const self = { id, type } as const
    const deps = { ids: this.#ids, clock, log: silentLogger, metrics: createMetrics({ service: type }) }
    const peer = await createRpcPeer({ self, env, bus, registry, ...deps })
    this.#stops.push(() => peer.close(0))
    const record: ServerRecord = {
      ...self,
      zone,
      host: 'localhost',
      state: 'ready',
      metadata: {},
      startedAtMs: clock.nowMs(),
      protocol: 1,
    }
    let announcement: Announcement | undefined
    return {
      peer,
      bus,
      registry,
      announce: async (): Promise<void> => {
        announcement = await registry.announce(record)
        await this.#allSee(id, type)
      },
      die: async (): Promise<void> => {
        await announcement?.withdraw()
        await Promise.all(this.#registries.map((each) => until(each, () => each.get(id) === undefined)))
      },
    }
  }

  async close(): Promise<void> {
    for (const stop of this.#stops.reverse()) await stop()
    await this.#backends.close()
  }

  async #openCluster(): Promise<Cluster> {
    const cluster = await this.#backends.openCluster()
    this.#registries.push(cluster.registry)
    this.#stops.push(() => cluster.close())
    return cluster
  }

  async #allSee(id: string, type: Service): Promise<void> {
    await Promise.all(
      this.#registries.map((registry) => until(registry, () => registry.get(id)?.type === type)),
    )
  }
}

/** Resolves when a registry shows what is asked for, which it may do already. */
function until(registry: Registry, shows: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (shows()) return resolve()
    const stop = registry.watch(() => {
      if (!shows()) return
      stop()
      resolve()
    })
  })
}
