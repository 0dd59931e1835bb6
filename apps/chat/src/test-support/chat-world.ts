import type { StorageDrivers } from '@hydra/persistence'
import type { Service } from '@hydra/protocol'
import { createRpcPeer, createTopicMembers, type ClusterDrivers, type Registry } from '@hydra/rpc'
import { createIds, createMetrics, ManualClock, silentLogger, systemClock } from '@hydra/runtime'
import { createChatApp } from '../app.ts'
import { chatConfigSchema } from '../config.ts'
import type { TestBackends } from './test-backends.ts'
import { TestGate } from './test-gate.ts'

type Cluster = ClusterDrivers & { close(): Promise<void> }

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

  /** Starts a chat server; answers its id when everybody sees it. */
  async startChat(): Promise<{ readonly id: string; stop(): Promise<void> }> {
    const { clock, storage } = this
    const cluster = await this.#openCluster()
    const app = createChatApp({
      config: chatConfigSchema.parse({ cluster: { env: this.#backends.env } }),
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
  async startGate(): Promise<{ readonly gate: TestGate; die(): Promise<void> }> {
    const { clock } = this
    const cluster = await this.#openCluster()
    const id = this.#ids.next()
    const { env } = this.#backends
    const shared = { env, clock, log: silentLogger, metrics: createMetrics({ service: 'gate' }) }
    const self = { id, type: 'gate' } as const
    const peer = await createRpcPeer({ self, ...cluster, ids: this.#ids, ...shared })
    const gate = new TestGate({
      peer,
      topics: (deliver) => createTopicMembers({ bus: cluster.bus, ...shared, deliver }),
    })
    await peer.serve('gate', gate.handlers())
    const announcement = await cluster.registry.announce({
      ...self,
      zone: 'test',
      host: 'localhost',
      state: 'ready',
      metadata: {},
      startedAtMs: clock.nowMs(),
      protocol: 1,
    })
    this.#stops.push(() => peer.close(0))
    await this.#allSee(id, 'gate')
    return {
      gate,
      die: async () => {
        await announcement.withdraw()
        await Promise.all(
          this.#registries.map((registry) => until(registry, () => registry.get(id) === undefined)),
        )
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
