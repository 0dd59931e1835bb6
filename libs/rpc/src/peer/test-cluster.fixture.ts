import type { Service } from '@hydra/protocol'
import {
  createIds,
  createLogger,
  createMetrics,
  silentLogger,
  systemClock,
  type Clock,
  type Tracer,
} from '@hydra/runtime'
import type { Bus } from '../bus/bus.ts'
import { createMemoryBus } from '../bus/memory-bus.ts'
import { connectNatsBus } from '../bus/nats-bus.ts'
import type { RefusedCall } from './call-dispatcher.ts'
import { createRpcPeer } from './create-peer.ts'
import type { Interceptors } from './interceptors.ts'
import type { RpcPeer, ServiceHandlers } from '../peer.ts'
import { createMemoryRegistry, MemoryRegistryHub } from '../registry/memory-registry.ts'
import type { Announcement, Registry } from '../registry/registry.ts'
import { serverRecord } from '../registry/registry.contract.ts'
import type { RpcLimits } from './rpc-limits.ts'

/** A bus of its own for each process, or one for all. */
export interface TestBuses {
  open(): Promise<Bus>
  close(): Promise<void>
}

/** All peers of a test on one in-process bus. */
export function memoryBuses(): TestBuses {
  const bus = createMemoryBus()
  return { open: () => Promise.resolve(bus), close: () => bus.close() }
}

/** Each peer of a test with a connection of its own to NATS. */
export function natsBuses(url: string): TestBuses {
  const opened: Bus[] = []
  return {
    async open() {
      const bus = await connectNatsBus({
        servers: [url],
        name: 'test',
        clock: systemClock,
        random: Math.random,
        log: silentLogger,
        metrics: createMetrics({ service: 'test' }),
        reconnectWaitMs: 20,
      })
      opened.push(bus)
      return bus
    },
    async close() {
      await Promise.all(opened.map((bus) => bus.close()))
    },
  }
}

/** Which server to start and how. */
export interface TestServerOptions {
  readonly id?: string
  readonly clock?: Clock
  readonly limits?: Partial<RpcLimits>
  readonly interceptors?: Interceptors
  readonly tracer?: Tracer
  readonly onRefused?: (refused: RefusedCall) => void
  /** Not in the registry when false. */
  readonly announced?: boolean
  /** Replaces the bus, for example by one that counts. */
  readonly wrapBus?: (bus: Bus) => Bus
}

/** One process of a test cluster. */
export interface TestProcess {
  readonly id: string
  readonly peer: RpcPeer
  readonly bus: Bus
  readonly registry: Registry
  readonly announcement: Announcement | undefined
  /** Lines of its log, parsed. */
  readonly lines: Record<string, unknown>[]
  /** Sum of a metric over all its labels, or over those that contain `labels`. */
  metric(name: string, labels?: string): Promise<number>
}

/** Processes that see each other; everything is closed together. */
export class TestCluster {
  readonly env: string
  readonly #buses: TestBuses
  readonly #hub = new MemoryRegistryHub()
  readonly #peers: RpcPeer[] = []

  constructor(buses: TestBuses, env: string) {
    this.env = env
    this.#buses = buses
  }

  /** Starts a server; it answers the routes for which there is a handler. */
  async start<S extends Service>(
    type: S,
    handlers: Partial<ServiceHandlers<S>> = {},
    options: TestServerOptions = {},
  ): Promise<TestProcess> {
    const {
      clock = systemClock,
      limits = {},
      interceptors = {},
      announced = true,
      wrapBus = (bus: Bus) => bus,
    } = options
    const record = serverRecord({ type, ...(options.id === undefined ? {} : { id: options.id }) })
    const lines: Record<string, unknown>[] = []
    const metrics = createMetrics({ service: type })
    const bus = wrapBus(await this.#buses.open())
    const registry = createMemoryRegistry({ hub: this.#hub })
    const peer = await createRpcPeer({
      self: record,
      env: this.env,
      bus,
      registry,
      clock,
      ids: createIds(systemClock),
      log: createLogger({
        level: 'debug',
        write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
      }),
      metrics,
      limits,
      interceptors,
      ...(options.tracer === undefined ? {} : { tracer: options.tracer }),
      ...(options.onRefused === undefined ? {} : { onRefused: options.onRefused }),
    })
    this.#peers.push(peer)
    // Tests give only the handlers that they call; a service has to give them all.
    await peer.serve(type, handlers as unknown as ServiceHandlers<S>)
    const announcement = announced ? await registry.announce(record) : undefined
    const metric = async (name: string, labels = '') =>
      (await metrics.expose())
        .split('\n')
        .filter((line) => line.startsWith(`${name}{`) && line.includes(labels))
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
    return { id: record.id, peer, bus, registry, announcement, lines, metric }
  }

  async close(): Promise<void> {
    await Promise.all(this.#peers.map((peer) => peer.close(1_000)))
    await this.#buses.close()
  }
}
