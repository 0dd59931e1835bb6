import type { z } from 'zod'
import type { LogConfig, OpsConfig, ServiceConfig } from './config-sections.ts'
import { Lifecycle } from './lifecycle.ts'
import { startOpsServer } from './ops-server.ts'
import { observeReadiness } from './readiness-metrics.ts'
import { Readiness } from './readiness.ts'
import { runService, type ServiceContext } from './run-service.ts'

/** Sections that {@link runBackedService} reads itself. */
interface BackedConfig {
  readonly service: ServiceConfig
  readonly log: LogConfig
  readonly ops: OpsConfig
}

/** What opening a backend is given; it may wait for ever, until `signal` aborts. */
export interface BackendDeps<C> extends ServiceContext<C> {
  readonly readiness: Readiness
  readonly signal: AbortSignal
  readonly random: () => number
}

/** A set of drivers that its opener must close. */
interface Closable {
  close(): Promise<void>
}

/** Which service to run on which backends. */
export interface RunBackedServiceOptions<S extends z.ZodType<BackedConfig>, Storage, Cluster, Prepared> {
  readonly service: string
  readonly schema: S
  /** See `RunServiceOptions`. */
  readonly mainUrl: string
  /**
   * Reads what else the application is made of, before anything is waited for: what is wrong with it shows at once, also
   * while the backends are down. What it answers is handed to `create`.
   *
   * @throws HydraError `CONFIG_INVALID`, which ends the process with exit code 78.
   */
  readonly prepare?: (context: ServiceContext<z.output<S>>) => Prepared
  /** Both are opened at the same time, and closed after the application has stopped. */
  readonly openStorage: (deps: BackendDeps<z.output<S>>) => Promise<Storage & Closable>
  readonly openCluster: (deps: BackendDeps<z.output<S>>) => Promise<Cluster & Closable>
  readonly create: (
    parts: ServiceContext<z.output<S>> & { readonly readiness: Readiness } & {
      readonly storage: Storage
      readonly cluster: Cluster
    } & Prepared,
  ) => { start(): Promise<unknown>; stop(): Promise<void> }
}

/**
 * The life of a service that needs backends: the operations endpoint first, so that it can be seen what is missing;
 * then the backends, however long they take; then the application. Stopping goes the other way. See {@link runService}
 * for configuration, signals and exit codes.
 *
 * @example
 * await runBackedService({
 *   service: 'chat', schema: chatConfigSchema, mainUrl: import.meta.url,
 *   openStorage: (deps) => openStorage(deps.config.storage, deps),
 *   openCluster: (deps) => openCluster(deps.config.cluster, deps),
 *   create: createChatApp,
 * })
 */
export async function runBackedService<
  S extends z.ZodType<BackedConfig>,
  Storage,
  Cluster,
  Prepared = object,
>(options: RunBackedServiceOptions<S, Storage, Cluster, Prepared>): Promise<void> {
  const { service, schema, mainUrl } = options
  await runService({
    service,
    schema,
    mainUrl,
    create(context) {
      // Without `prepare` nothing is asked of what it would answer.
      const prepared = options.prepare?.(context) ?? ({} as Prepared)
      const readiness = new Readiness({ clock: context.clock })
      observeReadiness(context.metrics, readiness)
      const lifecycle = new Lifecycle(context.log)
      return {
        async start(signal) {
          await lifecycle.start(
            'ops',
            () => startOpsServer({ ...context, config: context.config.ops, readiness }),
            (server) => server?.close(),
          )
          const deps = { ...context, readiness, signal, random: Math.random }
          const close = (part: Closable) => part.close()
          const [storage, cluster] = await Promise.all([
            lifecycle.start('storage', () => options.openStorage(deps), close),
            lifecycle.start('cluster', () => options.openCluster(deps), close),
          ])
          const app = options.create({ ...context, ...prepared, storage, cluster, readiness })
          const address = await lifecycle.start(
            'application',
            () => app.start(),
            () => app.stop(),
          )
          readiness.started()
          return { [service]: address }
        },
        stop() {
          readiness.drain()
          return lifecycle.stop()
        },
      }
    },
  })
}
