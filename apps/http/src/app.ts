import { HydraError } from '@hydra/protocol'
import type { Accounts, DatabaseDrivers } from '@hydra/persistence'
import { internalProtocol, type ClusterDrivers, type Registry } from '@hydra/rpc'
import {
  createSessionTokens,
  Lifecycle,
  observeReadiness,
  noTracer,
  Readiness,
  readTlsFiles,
  startHttpServer,
  type Clock,
  type Ids,
  type ListenAddress,
  type Logger,
  type Metrics,
  type Tracer,
} from '@hydra/runtime'
import { createAttempts } from './account/attempts.ts'
import { createPasswordHasher, type Derive } from './account/password.ts'
import { createClientAddress, createConnectionAddress, createProxyTrust } from './client-address.ts'
import type { HttpConfig } from './config.ts'
import { createRouter } from './router.ts'

/** What http uses of the cluster: it is seen and sees the gates, and takes no part in calls. */
export type HttpCluster = Pick<ClusterDrivers, 'registry'>

/** What http keeps: accounts. */
export type HttpStorage = Pick<DatabaseDrivers, 'accounts'>

/** What the http service is made of. */
export interface HttpAppOptions {
  readonly config: HttpConfig
  /** Awaited after the socket is open, so that `/readyz` can say what is missing. Closed by whoever opened it. */
  readonly cluster: HttpCluster | PromiseLike<HttpCluster>
  /** As {@link cluster}. */
  readonly storage: HttpStorage | PromiseLike<HttpStorage>
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Logger
  readonly metrics: Metrics
  /** None when absent. */
  readonly tracer?: Tracer
  /** Shared with whoever opens the drivers and adds a check for each; an own one, without checks, when absent. */
  readonly readiness?: Readiness
  /** The memory-hard function behind passwords; scrypt when absent. */
  readonly derive?: Derive
}

/** The running service. */
export interface HttpApp {
  /**
   * Opens the socket, waits for the drivers, announces the service in the registry.
   *
   * @throws Error of `node:net`, for example `EADDRINUSE`; HydraError `CONFIG_INVALID` when the certificate cannot be used;
   * the reason of `signal` when it aborts first.
   */
  start(signal?: AbortSignal): Promise<ListenAddress>
  /** Not ready from the first moment, withdraws from the registry, finishes the answers under way. */
  stop(): Promise<void>
}

/**
 * Wires the http service: accounts, tokens and the list of gates.
 *
 * @example
 * const app = createHttpApp({ config, cluster: createMemoryCluster(), storage, clock, ids, log, metrics })
 * const { port } = await app.start()
 * await app.stop()
 */
export function createHttpApp(options: HttpAppOptions): HttpApp {
  const {
    config,
    clock,
    ids,
    log,
    metrics,
    tracer = noTracer,
    readiness = new Readiness({ clock }),
  } = options
  const { derive } = options
  const lifecycle = new Lifecycle(log)
  observeReadiness(metrics, readiness)
  // Half of the time for stopping; the rest is for what comes after.
  const closeTimeoutMs = config.service.stopTimeoutMs / 2
  let accounts: Accounts | undefined
  let registry: Registry | undefined

  const router = createRouter({
    accounts: () => accounts ?? notYet('STORAGE_UNAVAILABLE', 'database'),
    registry: () => registry ?? notYet('NO_SERVER', 'registry'),
    hasher: createPasswordHasher({
      parameters: config.password,
      bounds: config.password,
      metrics,
      ...(derive === undefined ? {} : { derive }),
    }),
    tokens: createSessionTokens({ ...config.token, clock }),
    attempts: createAttempts(config.attempts, { clock, metrics }),
    clientAddress: createClientAddress(config.http),
    bodyMaxBytes: config.http.bodyMaxBytes,
    corsOrigins: config.http.corsOrigins ?? (config.service.mode === 'development' ? ['*'] : []),
    readiness,
    clock,
    ids,
    log,
    metrics,
    tracer,
    isTrustedProxy: createProxyTrust(config.http.trustedProxies),
  })

  async function start(signal?: AbortSignal): Promise<ListenAddress> {
    const server = await lifecycle.start(
      'socket',
      () =>
        startHttpServer({
          ...config.http,
          app: router,
          tls: tlsOf(config),
          addressOf: createConnectionAddress(config.http.trustedProxies),
          clock,
          closeTimeoutMs,
        }),
      (part) => part.close(),
    )
    log.info({ ...server.address }, 'listening')
    accounts = (await untilAborted(options.storage, signal)).accounts
    const cluster = await untilAborted(options.cluster, signal)
    registry = cluster.registry
    await lifecycle.start(
      'announcement',
      () => untilAborted(cluster.registry.announce(ownRecord(server.address.port)), signal),
      (part) => part.withdraw(),
    )
    readiness.started()
    return server.address
  }

  const ownRecord = (port: number) =>
    ({
      id: ids.next(),
      type: 'http',
      zone: config.cluster.zone,
      host: config.cluster.host,
      port,
      state: 'ready',
      metadata: {},
      startedAtMs: clock.nowMs(),
      protocol: internalProtocol,
    }) as const

  async function stop(): Promise<void> {
    readiness.drain()
    await lifecycle.stop()
  }

  return { start, stop }
}

function tlsOf({ http: { tlsCertFile, tlsKeyFile } }: HttpConfig) {
  if (tlsCertFile === undefined) return undefined
  return readTlsFiles('http.tls', { certFile: tlsCertFile, keyFile: tlsKeyFile })
}

function notYet(code: 'STORAGE_UNAVAILABLE' | 'NO_SERVER', what: string): never {
  throw new HydraError(code, `The ${what} is not connected yet; try again in a few seconds.`)
}

async function untilAborted<T>(value: T | PromiseLike<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return value
  let onAbort = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([value, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
