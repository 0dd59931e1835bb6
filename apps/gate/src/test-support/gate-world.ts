import { openStorage, storageConfigSchema } from '@hydra/persistence'
import type { RpcPeer, ServiceHandlers } from '@hydra/rpc'
import {
  createCountingIds,
  createLogger,
  createMetrics,
  createSessionTokens,
  ManualClock,
  silentLogger,
  systemClock,
  type Clock,
} from '@hydra/runtime'
import { createGateApp } from '../app.ts'
import { gateConfigSchema } from '../config.ts'
import { chatHandlers, gameHandlers, startServer } from './test-servers.ts'
import { RawClient } from './raw-client.ts'
import { runClock } from './run-clock.ts'
import { createTestCluster, type RealBackends } from './test-cluster.ts'

/** Sections of a gate's configuration to change. */
export type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** One line of a gate's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string }

type World = Awaited<ReturnType<typeof createGateWorld>>
/** A gate of a {@link createGateWorld}. */
export type TestGate = Awaited<ReturnType<World['startGate']>>

/**
 * A cluster in one process for the tests of the gate: real gates on real sockets and real peers, over the embedded
 * drivers or, with `real`, over NATS, etcd and Redis. `end` stops all of it.
 */
export async function createGateWorld(
  options: { readonly clock?: Clock; readonly real?: RealBackends } = {},
) {
  const { clock = systemClock, real } = options
  const cluster = createTestCluster(real)
  const { env } = cluster
  const stores =
    real === undefined
      ? { stores: 'memory' }
      : { stores: 'redis', redisUrl: real.redisUrl, keyPrefix: `hydra:${env}:` }
  const storage = await openStorage(
    storageConfigSchema.parse({ database: 'sqlite', sqliteFile: ':memory:', ...stores }),
    { clock, log: silentLogger, metrics: createMetrics({ service: 'storage' }), random: Math.random },
  )
  const tokens = createSessionTokens({ ...gateConfigSchema.parse({}).token, clock })
  const clients: RawClient[] = []
  const gates: (() => Promise<unknown>)[] = []
  const servers: (() => Promise<unknown>)[] = []
  const ids = { gate: 0, game: 0, chat: 0 }

  return {
    storage,

    /** A gate with its log and metrics. */
    async startGate(sections: Sections = {}) {
      const lines: LogLine[] = []
      const metrics = createMetrics({ service: 'gate' })
      const name = `gate${++ids.gate}`
      const drivers = await cluster.join()
      const { transport = 'auto', ...gateSection } = sections['gate'] ?? {}
      const isTcp = transport === 'tcp'
      const app = createGateApp({
        config: gateConfigSchema.parse({
          ...sections,
          gate: { host: '127.0.0.1', port: 0, transport: isTcp ? 'auto' : transport, ...gateSection },
          ...(isTcp ? { tcp: { port: 0 } } : {}),
          cluster: { env, host: 'localhost' },
        }),
        cluster: drivers,
        storage,
        clock,
        ids: createCountingIds(name),
        log: createLogger({ level: 'debug', write: (line) => lines.push(JSON.parse(line) as LogLine) }),
        metrics,
      })
      const address = await app.start()
      let stopped: Promise<void> | undefined
      const stop = () => (stopped ??= app.stop())
      gates.push(stop)
      const id = `${name}-1`
      await cluster.seen(id)
      const tcpPort = drivers.registry.get(id)?.metadata['tcpPort']
      return {
        id,
        registry: drivers.registry,
        app,
        /** Of the transport that the sections name; `tcp` is none of the configuration's. */
        url: isTcp ? `tcp://127.0.0.1:${tcpPort}` : `ws://127.0.0.1:${address.port}`,
        lines,
        stop,
        /** Sum of a metric over all of its labels. */
        async total(name: string): Promise<number> {
          const lines = (await metrics.expose()).split('\n').filter((one) => one.startsWith(`${name}{`))
          return lines.reduce((sum, one) => sum + Number(one.slice(one.lastIndexOf(' '))), 0)
        },
        /** One value of the exposed metrics, 0 when it was never set. */
        async metric(line: string): Promise<number> {
          const text = await metrics.expose()
          const found = text.split('\n').find((one) => one.startsWith(`${line} `))
          return found === undefined ? 0 : Number(found.slice(line.length + 1))
        },
      }
    },

    async startGame(change: Partial<ServiceHandlers<'game'>> = {}, id = `game${++ids.game}`) {
      const drivers = await cluster.join()
      const server = await startServer({ drivers, env }, 'game', id, () => gameHandlers(change))
      servers.push(() => server.die())
      await cluster.seen(id)
      return server
    },

    async startChat(
      change: (peer: RpcPeer) => Partial<ServiceHandlers<'chat'>> = () => ({}),
      id = `chat${++ids.chat}`,
    ) {
      const drivers = await cluster.join()
      const server = await startServer({ drivers, env }, 'chat', id, (peer) => chatHandlers(change(peer)))
      servers.push(() => server.die())
      await cluster.seen(id)
      return server
    },

    /** Makes an account and a token for it. */
    async account(uid: string): Promise<string> {
      await storage.accounts.create({ uid, username: uid, passwordHash: 'none', createdAtMs: clock.nowMs() })
      return (await tokens.sign(uid)).token
    },

    /** Another token of an account. */
    async token(uid: string): Promise<string> {
      return (await tokens.sign(uid)).token
    },

    /** A client that has not even connected. */
    client(gate: { readonly url: string }): RawClient {
      const client = new RawClient(gate.url)
      clients.push(client)
      return client
    },

    async end(): Promise<void> {
      for (const client of clients.splice(0)) client.close()
      // Gates first: their last act is to have game servers take over what clients leave behind.
      const stopped = Promise.all(gates.splice(0).map((stop) => stop()))
      if (clock instanceof ManualClock) await runClock(clock, stopped)
      await stopped
      await Promise.all(servers.splice(0).map((stop) => stop()))
      await cluster.close()
      await storage.close()
    },
  }
}
