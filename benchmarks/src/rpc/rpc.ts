import { routes } from '@hydra/protocol'
import {
  connectNatsBus,
  createMemoryBus,
  createMemoryRegistry,
  createRpcPeer,
  internalProtocol,
  MemoryRegistryHub,
  type Bus,
  type RpcPeer,
  type ServiceHandlers,
} from '@hydra/rpc'
import { createIds, createMetrics, silentLogger, systemClock } from '@hydra/runtime'
import type { Report, Row } from '../measure/report.ts'

/** What to run it on. */
export interface RpcOptions {
  /** NATS is left out when absent. */
  readonly natsUrl?: string | undefined
  readonly inFlight: number
  readonly measureMs: number
}

interface Driver {
  readonly name: string
  open(): Promise<Bus>
}

/** Calls per second from one peer to another in one process, that is, with the work of both sides on one core. */
export async function rpc({ natsUrl, inFlight, measureMs }: RpcOptions): Promise<Report> {
  const rows: Row[] = []
  for (const { name, open } of driversOf(natsUrl)) {
    for (const coalesced of [true, false]) {
      const figures = await callsPerSecond(open, coalesced, inFlight, measureMs)
      rows.push({ name: `${name}, ${coalesced ? 'coalesced' : 'one message for each frame'}`, figures })
    }
  }
  return { benchmark: `rpc, ${inFlight} in flight`, rows }
}

function driversOf(natsUrl: string | undefined): Driver[] {
  const nats = (url: string): Driver => ({
    name: 'NATS',
    open: () =>
      connectNatsBus({
        servers: [url],
        name: 'benchmark',
        clock: systemClock,
        random: Math.random,
        log: silentLogger,
        metrics: createMetrics({ service: 'benchmark' }),
      }),
  })
  const shared = createMemoryBus()
  const memory: Driver = { name: 'memory', open: () => Promise.resolve(shared) }
  return natsUrl === undefined ? [memory] : [memory, nats(natsUrl)]
}

async function callsPerSecond(
  open: () => Promise<Bus>,
  coalesced: boolean,
  inFlight: number,
  measureMs: number,
): Promise<Row['figures']> {
  const ids = createIds(systemClock)
  const env = `bench-${ids.next()}`
  const hub = new MemoryRegistryHub()
  const buses = [await open(), await open()] as const
  const start = async (type: 'gate' | 'chat', bus: Bus): Promise<RpcPeer> => {
    const registry = createMemoryRegistry({ hub })
    const id = ids.next()
    const peer = await createRpcPeer({
      self: { id, type },
      env,
      bus,
      registry,
      clock: systemClock,
      ids,
      log: silentLogger,
      metrics: createMetrics({ service: type }),
      limits: coalesced ? {} : { maxBatchBytes: 1 },
    })
    const startedAtMs = systemClock.nowMs()
    const record = { id, type, zone: 'z', host: 'h', state: 'ready', metadata: {}, startedAtMs } as const
    await registry.announce({ ...record, protocol: internalProtocol })
    return peer
  }
  const gate = await start('gate', buses[0])
  const chat = await start('chat', buses[1])
  const handlers: Partial<ServiceHandlers<'gate'>> = { 'gate.session.kick': () => ({ found: true }) }
  // A service answers all of its routes; here one of them is enough.
  await gate.serve('gate', handlers as ServiceHandlers<'gate'>)

  const body = { sessionId: 'session', reason: 'KICKED' } as const
  const options = { to: { server: gate.id } }
  const endMs = performance.now() + measureMs
  let calls = 0
  const caller = async () => {
    while (performance.now() < endMs) {
      await chat.call(routes.gate.session.kick, body, options)
      calls++
    }
  }
  const cpu = process.cpuUsage()
  const startMs = performance.now()
  await Promise.all(Array.from({ length: inFlight }, caller))
  const seconds = (performance.now() - startMs) / 1_000
  const { user, system } = process.cpuUsage(cpu)
  await Promise.all([chat.close(1_000), gate.close(1_000)])
  if (buses[0] !== buses[1]) await Promise.all(buses.map((bus) => bus.close()))
  return { 'calls/s': calls / seconds, 'µs/call, both sides': (user + system) / calls, calls }
}
