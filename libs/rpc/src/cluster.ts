import { isIP } from 'node:net'
import { HydraError } from '@hydra/protocol'
import {
  isLoopback,
  isNamed,
  readTlsFiles,
  type Clock,
  type Logger,
  type Metrics,
  type Readiness,
} from '@hydra/runtime'
import { BackendCheck, type Driver } from './backend-check.ts'
import type { Bus } from './bus/bus.ts'
import { createMemoryBus } from './bus/memory-bus.ts'
import { connectNatsBus } from './bus/nats-bus.ts'
import type { ClusterConfig } from './cluster-config.ts'
import { hostOf, natsWantsTls, tlsFilesOf } from './cluster-tls.ts'
import { openEtcdRegistry } from './registry/etcd-registry.ts'
import { createMemoryRegistry } from './registry/memory-registry.ts'
import type { Registry } from './registry/registry.ts'

/** What connects a service to the others. Whoever opened them closes them. */
export interface ClusterDrivers {
  readonly bus: Bus
  readonly registry: Registry
}

/** Drivers that were opened by configuration. */
export interface OpenedCluster extends ClusterDrivers {
  /** Closes both, the registry first: others stop calling before we stop listening. */
  close(): Promise<void>
}

/** What opening a cluster needs. */
export interface OpenClusterDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** A number in [0, 1), for the jitter of retries: `Math.random`. */
  readonly random: () => number
  /** Gives up waiting for backends. */
  readonly signal?: AbortSignal
  /** Gets one check for each backend, at once: it says why while the backend is not there yet. */
  readonly readiness?: Pick<Readiness, 'add'>
}

/**
 * A cluster inside one process, for development and tests: all services are given the same drivers.
 *
 * @example const cluster = createMemoryCluster()
 */
export function createMemoryCluster(
  options: { readonly log?: Logger; readonly metrics?: Metrics } = {},
): ClusterDrivers {
  return { bus: createMemoryBus(options), registry: createMemoryRegistry(options) }
}

/**
 * Opens the drivers that a configuration names. Backends that are not there are tried again for ever; each failure is
 * logged with name and address.
 *
 * @throws the signal's reason once it is aborted; HydraError `CONFIG_INVALID` for certificates that cannot be read.
 * @example const { bus, registry } = await openCluster(config.cluster, { clock, log, metrics, random: Math.random, readiness })
 */
export async function openCluster(config: ClusterConfig, deps: OpenClusterDeps): Promise<OpenedCluster> {
  if (config.driver === 'memory') {
    const drivers = createMemoryCluster(deps)
    return { ...drivers, close: () => closeAll(drivers) }
  }
  const abort = new AbortController()
  const signal = deps.signal === undefined ? abort.signal : AbortSignal.any([deps.signal, abort.signal])
  const checks: (() => void)[] = []
  const open = async <D extends Driver>(
    name: string,
    addresses: readonly string[],
    connect: (onFailure: (error: unknown) => void) => Promise<D>,
  ): Promise<D> => {
    const check = new BackendCheck(name, addresses)
    checks.push(deps.readiness?.add(check) ?? (() => {}))
    try {
      const driver = await connect((error) => check.failed(error))
      check.connected(driver)
      return driver
    } catch (error) {
      // Without this one the other is of no use; it must not go on trying for ever.
      abort.abort(error)
      throw error
    }
  }
  const { env, natsServers, etcdHosts, leaseTtlSeconds } = config
  const { natsTls, etcdTls } = readTls(config)
  const [nats, etcd] = await Promise.allSettled([
    open('nats', natsServers, (onFailure) =>
      connectNatsBus({
        ...deps,
        signal,
        onFailure,
        servers: natsServers,
        name: `hydra-${env}-${config.host}-${process.pid}`,
        user: config.natsUser,
        password: config.natsPassword,
        token: config.natsToken,
        tls: natsTls,
      }),
    ),
    open('etcd', etcdHosts, (onFailure) =>
      openEtcdRegistry({
        ...deps,
        signal,
        onFailure,
        hosts: etcdHosts,
        user: config.etcdUser,
        password: config.etcdPassword,
        tls: etcdTls,
        env,
        leaseTtlSeconds,
        resyncMs: config.resyncSeconds * 1_000,
      }),
    ),
  ])
  const forget = () => {
    for (const remove of checks) remove()
  }
  if (nats.status === 'rejected' || etcd.status === 'rejected') {
    forget()
    for (const result of [etcd, nats]) if (result.status === 'fulfilled') await result.value.close()
    throw abort.signal.reason
  }
  const drivers = { bus: nats.value, registry: etcd.value }
  return {
    ...drivers,
    close: () => {
      forget()
      return closeAll(drivers)
    },
  }
}

/** The certificates for both, `undefined` where plain connections are wanted. */
function readTls(config: ClusterConfig) {
  const [nats, etcd] = [tlsFilesOf(config, 'nats'), tlsFilesOf(config, 'etcd')]
  const etcdWantsTls = isNamed(etcd) || config.etcdHosts.some((host) => host.startsWith('https://'))
  const isNatsTls = natsWantsTls(config)
  if (isNatsTls) refuseAddresses(config.natsServers)
  return {
    natsTls: isNatsTls ? readTlsFiles('cluster.nats', nats) : undefined,
    etcdTls: etcdWantsTls ? readTlsFiles('cluster.etcd', etcd) : undefined,
  }
}

/** The client of NATS has the certificate of a server that it reaches by an address checked for `localhost`. */
function refuseAddresses(natsServers: readonly string[]): void {
  const address = natsServers.map(hostOf).find((host) => isIP(host) !== 0 && !isLoopback(host))
  if (address === undefined) return
  throw new HydraError(
    'CONFIG_INVALID',
    `"cluster.natsServers" must have names and not ${address}: the certificate of NATS is checked for the name.`,
    { metadata: { path: 'cluster.natsServers' } },
  )
}

async function closeAll({ bus, registry }: ClusterDrivers): Promise<void> {
  await registry.close()
  await bus.close()
}
