import type { Service } from '@hydra/protocol'
import { clusterConfigSchema, openCluster, type OpenedCluster, type ServerRecord } from '@hydra/rpc'
import { createMetrics, silentLogger, systemClock } from '@hydra/runtime'
import { eventually } from '@hydra/testing'
import type { Backends, RealCluster } from './real-cluster.ts'
import type { ServiceProcess } from './service-process.ts'

/** How an operator puts a new process in the place of an old one. */
export type Manner =
  /** The harder case: for a while there is one process less. As on a machine whose port only one can have. */
  | 'stop first'
  /** There is one process more. As a Deployment of Kubernetes does with `maxSurge: 1, maxUnavailable: 0`. */
  | 'start first'

/** One process of a cluster, in the place of which others come. */
export interface Place {
  readonly service: Service
  /** Counts the processes of the service from 1. */
  readonly number: number
  readonly manner: Manner
  /** What the next process is started with: ports that are free for it. */
  readonly nextEnv: Readonly<Record<string, string>>
  process: ServiceProcess
}

/** How a restart went. */
export interface Restart {
  readonly name: string
  /** How long the old process took to end. */
  readonly stopMs: number
  /** From the start of the new one until it was ready and in the registry. */
  readonly startMs: number
  /** What is not as it must be: exit code, errors in the log, what was left unsaved. */
  readonly complaints: readonly string[]
}

/**
 * Ports for the processes that listen for clients: of the first, of the second, and of the one that replaces the second; 0:
 * any that is free then.
 */
export type Ports = Readonly<Record<'gate' | 'http', readonly [number, number, number]>>

/** How long the registry may take to show what has come or gone. */
const seenTimeoutMs = 10_000

/** First those that answer, then those that ask them: what a new gate may pass on, its backends know by then. */
const order: readonly Service[] = ['chat', 'game', 'http', 'gate']

/** Name of a place, as `game 2, start first`. */
export const nameOf = ({ service, number, manner }: Place): string => `${service} ${number}, ${manner}`

/**
 * Starts two of each service, in the order in which they are to be restarted: the first is to be stopped before its successor
 * starts, the second after.
 */
export async function startPlaces(cluster: RealCluster, ports: Ports): Promise<readonly Place[]> {
  const start = async (
    service: Service,
    { number, manner, port, nextPort }: (typeof both)[number],
  ): Promise<Place> => {
    const process = await cluster.start(service, portEnv(service, ports, port))
    return { service, number, manner, nextEnv: portEnv(service, ports, nextPort), process }
  }
  return Promise.all(order.flatMap((service) => both.map((each) => start(service, each))))
}

const both = [
  { number: 1, manner: 'stop first', port: 0, nextPort: 0 },
  { number: 2, manner: 'start first', port: 1, nextPort: 2 },
] as const

function portEnv(service: Service, ports: Ports, index: 0 | 1 | 2): Readonly<Record<string, string>> {
  if (service !== 'gate' && service !== 'http') return {}
  const name = service === 'gate' ? 'HYDRA_GATE_GATE_PORT' : 'HYDRA_HTTP_HTTP_PORT'
  return { [name]: String(ports[service][index]) }
}

/** Looks into the registry from the side. */
export function openRegistryView({ env }: RealCluster, backends: Backends): Promise<OpenedCluster> {
  return openCluster(
    clusterConfigSchema.parse({ env, natsServers: [backends.natsUrl], etcdHosts: [backends.etcdUrl] }),
    {
      clock: systemClock,
      log: silentLogger,
      metrics: createMetrics({ service: 'e2e' }),
      random: Math.random,
    },
  )
}

/**
 * Restarts one process as an operator does: SIGTERM and its orderly end, another process in its place, and on only when
 * that is ready and in the registry, where all others see it.
 */
export async function restart(
  place: Place,
  cluster: RealCluster,
  { registry }: Pick<OpenedCluster, 'registry'>,
): Promise<Restart> {
  const { service, manner, process: old } = place
  const before = registry.list(service)
  const isNew = ({ id, state }: ServerRecord) => state === 'ready' && !before.some((each) => each.id === id)
  const seen = (check: (servers: readonly ServerRecord[]) => boolean) =>
    eventually(() => check(registry.list(service)), { timeoutMs: seenTimeoutMs })

  const stop = async () => {
    const ended = await old.end('SIGTERM')
    await seen(
      (servers) =>
        servers.filter(({ id }) => before.some((each) => each.id === id)).length === before.length - 1,
    )
    return ended
  }
  const start = async () => {
    const beganAtMs = performance.now()
    place.process = await cluster.start(service, place.nextEnv)
    await seen((servers) => servers.some(isNew))
    return performance.now() - beganAtMs
  }
  const startedFirst = manner === 'start first' ? await start() : undefined
  const { code, tookMs } = await stop()
  const startMs = startedFirst ?? (await start())
  const name = nameOf(place)
  return {
    name,
    stopMs: Math.round(tookMs),
    startMs: Math.round(startMs),
    complaints: complaintsOf(name, old, code),
  }
}

/** Lines about errors, which no orderly life of a process has. */
export const errorsOf = ({ service, lines }: ServiceProcess): readonly string[] =>
  lines.filter(({ level }) => level === 'error').map((line) => `${service} logged ${JSON.stringify(line)}`)

/** What a process that has ended left undone, by its own words. */
function complaintsOf(name: string, ended: ServiceProcess, code: number | null): readonly string[] {
  const { service, lines } = ended
  const found = [...errorsOf(ended)]
  if (code !== 0) found.push(`${name} ended with code ${code}`)
  if (service !== 'game' && service !== 'gate') return found
  const drained = lines.find(({ msg }) => msg === 'drained')
  if (drained === undefined) return [...found, `${name} did not say that it is drained`]
  if (service === 'game' && (drained['left'] !== 0 || drained['unsaved'] !== 0)) {
    found.push(`${name} left something: ${JSON.stringify(drained)}`)
  }
  // Else its end tells nothing.
  if (!(Number(drained[service === 'game' ? 'roles' : 'sessions']) > 0)) {
    found.push(`${name} had no players: ${JSON.stringify(drained)}`)
  }
  return found
}
