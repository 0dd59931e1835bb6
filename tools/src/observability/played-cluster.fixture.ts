import { BotCrowd, villager } from '@hydra/bots'
import { openStorage, storageConfigSchema } from '@hydra/persistence'
import { services, type Service } from '@hydra/protocol'
import { clusterConfigSchema, openCluster } from '@hydra/rpc'
import {
  createMetrics,
  silentLogger,
  systemClock,
  type Environment,
  type MetricDescription,
} from '@hydra/runtime'
import { eventually, uniqueName } from '@hydra/testing'
import { createRealCluster, type Backends, type RealCluster } from '../e2e/real-cluster.ts'
import type { ServiceProcess } from '../e2e/service-process.ts'
import { parseExposition, type Family } from './exposition.ts'

/** A real cluster in which bots play. */
export interface PlayedCluster {
  readonly cluster: RealCluster
  readonly crowd: BotCrowd
  /** `host:port` that serves the metrics of a service. */
  readonly addresses: Readonly<Record<Service, string>>
  readonly processes: Readonly<Record<Service, ServiceProcess>>
  stop(): Promise<void>
}

const settings: Environment = {
  HYDRA_GATE_LIMITS_MAX_CONNECTIONS_PER_IP: '1000',
  HYDRA_HTTP_ATTEMPTS_ADDRESS_BURST: '10000',
  HYDRA_HTTP_PASSWORD_COST_LOG2: '10',
}

/**
 * Starts one process of each service and bots that play on until it is stopped; resolves when all of them play.
 *
 * @example const played = await startPlayedCluster(backends, { bots: 10 })
 */
export async function startPlayedCluster(
  backends: Backends,
  { bots, env = {} }: { readonly bots: number; readonly env?: Readonly<Record<string, string>> },
): Promise<PlayedCluster> {
  const cluster = await createRealCluster(backends, { ...(settings as Record<string, string>), ...env })
  try {
    const started = await Promise.all(services.map((service) => cluster.start(service)))
    const processes = Object.fromEntries(started.map((each) => [each.service, each])) as Record<
      Service,
      ServiceProcess
    >
    const suffix = uniqueName('m').slice(-6)
    const crowd = new BotCrowd({
      httpUrl: cluster.httpUrl,
      bots,
      perSecond: 50,
      seed: 1,
      clock: systemClock,
      script: villager(),
      nameOf: (index) => `m${index}x${suffix}`,
    })
    await crowd.start()
    await eventually(() => crowd.progress.playing === bots, { timeoutMs: 15_000 })
    return {
      cluster,
      crowd,
      processes,
      addresses: {
        http: opsAddress(processes.http),
        gate: opsAddress(processes.gate),
        game: opsAddress(processes.game),
        chat: opsAddress(processes.chat),
      },
      async stop() {
        await crowd.stop({ logOut: false })
        await cluster.remove()
      },
    }
  } catch (error) {
    await cluster.remove()
    throw error
  }
}

/** What `/metrics` at an address answers. @throws Error when that is not 200. */
export async function scrape(address: string): Promise<ReadonlyMap<string, Family>> {
  const answer = await fetch(`http://${address}/metrics`)
  if (!answer.ok) throw new Error(`/metrics at ${address} answered ${answer.status}.`)
  return parseExposition(await answer.text())
}

/** The metrics that the drivers of real servers make. */
export async function metricsOfDrivers(
  { env, keyPrefix, mysqlUrl }: RealCluster,
  { redisUrl, natsUrl, etcdUrl }: Backends,
): Promise<readonly MetricDescription[]> {
  const metrics = createMetrics({ service: 'drivers', processMetrics: true })
  const deps = { clock: systemClock, log: silentLogger, metrics, random: Math.random }
  const storage = await openStorage(storageConfigSchema.parse({ mysqlUrl, redisUrl, keyPrefix }), deps)
  const cluster = await openCluster(
    clusterConfigSchema.parse({ env, natsServers: [natsUrl], etcdHosts: [etcdUrl] }),
    deps,
  )
  await cluster.close()
  await storage.close()
  return metrics.describe()
}

function opsAddress({ service, lines }: ServiceProcess): string {
  const line = lines.find(({ msg }) => msg === 'operations endpoint is up')
  if (line === undefined) throw new Error(`${service} has not said where its operations endpoint is.`)
  return `127.0.0.1:${String(line['port'])}`
}
