import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { HydraError } from '@hydra/protocol'
import type { z } from 'zod'
import { systemClock, type Clock } from './clock.ts'
import { configFileVariable, type Environment } from './config-env.ts'
import type { LogConfig, ServiceConfig } from './config-sections.ts'
import { findAbove } from './find-file.ts'
import { createIds, type Ids } from './ids.ts'
import { developmentSecrets, loadConfig } from './load-config.ts'
import { createLogger, type Logger } from './logger.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { productionFindings } from './production-rules.ts'
import { openTracer } from './tracing/open-tracer.ts'
import type { Tracer } from './tracing/tracer.ts'
import { tracingConfigSchema, type TracingConfig } from './tracing/tracing-config.ts'

/** Exit codes of a service; those from 64 on are the ones of BSD's `sysexits.h`. */
export const exitCode = Object.freeze({
  stopped: 0,
  /** Stopping took too long or failed, or a second signal demanded it: something may be unsaved. */
  stopFailed: 1,
  /** Could not start, for example because its port is taken. */
  unavailable: 69,
  /** A defect: an exception that nothing caught. */
  software: 70,
  /** The configuration is missing or wrong. */
  config: 78,
})

/** Sections that {@link runService} reads itself. */
interface SharedConfig {
  readonly service: ServiceConfig
  readonly log: LogConfig
  readonly tracing?: TracingConfig
}

/** What a service's application is made of. */
export interface ServiceContext<C> {
  readonly config: C
  readonly log: Logger
  readonly metrics: Metrics
  readonly clock: Clock
  readonly ids: Ids
  readonly tracer: Tracer
}

/** What {@link runService} starts and stops. */
export interface ServiceApp {
  /** May wait for backends as long as it takes; rejects soon after `signal` aborts. What it resolves with is logged. */
  start(signal: AbortSignal): Promise<unknown>
  /** Saves and closes everything; also called after a start that failed or was aborted. */
  stop(): Promise<void>
}

/** The part of a Node.js process that a service uses. */
export interface ProcessHost {
  readonly argv: readonly string[]
  readonly env: Environment
  readonly stderr: { write(text: string): unknown }
  /** Whether the channel to a parent that opened one is open still. */
  readonly connected?: boolean
  /** There when a parent has opened a channel, also after it was closed. */
  readonly send?: unknown
  on(event: string, listener: (argument: unknown) => void): unknown
  exit(code: number): void
}

/** Which service to run. */
export interface RunServiceOptions<S extends z.ZodType<SharedConfig>> {
  readonly service: string
  readonly schema: S
  /** `import.meta.url` of the program: `data/conf/<service>server.toml` is looked for beside it and in the folders above. */
  readonly mainUrl: string
  readonly create: (context: ServiceContext<z.output<S>>) => ServiceApp | Promise<ServiceApp>
  /** The process when absent. */
  readonly host?: ProcessHost
  readonly clock?: Clock
}

/** What a parent sends over its channel to have the service stop: Windows has no SIGTERM. pm2 sends the same. */
const shutdownMessage = 'shutdown'

/** Ctrl-C reaches a process twice when a parent passes on what the terminal has sent to both. */
const repeatedSignalMs = 500

/**
 * The life of a service's process, from configuration to exit code ({@link exitCode}).
 *
 * The configuration file is the one of `--config <file>`, of `HYDRA_<SERVICE>_CONFIG`, or the default. SIGTERM and
 * SIGINT stop the application within `[service] stopTimeoutMs`, also while it still starts; a signal that follows a signal
 * ends the process at once. Logs `ready` when the application has started.
 *
 * A parent that starts the process with a channel (`stdio: [..., 'ipc']`) stops it by the message `'shutdown'` as by a
 * signal, and by closing the channel, which the system does for a parent that was killed.
 *
 * @example await runService({ service: 'http', schema: httpConfigSchema, mainUrl: import.meta.url, create: openHttpApp })
 */
export async function runService<S extends z.ZodType<SharedConfig>>(
  options: RunServiceOptions<S>,
): Promise<void> {
  const { service, schema, host = process, clock = systemClock } = options
  let config: z.output<S>
  try {
    config = loadConfig({ file: configFile(options, host), schema, service, env: host.env })
  } catch (error) {
    if (!isConfigError(error)) throw error
    host.stderr.write(`hydra ${service}: ${error.message}\n`)
    return host.exit(exitCode.config)
  }
  const log = createLogger({ level: config.log.level, fields: { service } })
  for (const key of developmentSecrets(schema, config)) {
    log.warn({ key }, 'a secret has its public development value; production mode refuses it')
  }
  for (const { key, problem } of productionFindings(schema, config)) {
    log.warn({ key, problem }, 'the configuration leaves something open')
  }
  const metrics = createMetrics({ service, processMetrics: true })
  const run = new Run({ service, host, clock, log, stopTimeoutMs: config.service.stopTimeoutMs })
  await run.start(async () => {
    const { tracing = tracingConfigSchema.parse({}) } = config
    const tracer = await openTracer(tracing, { service, clock, log, metrics, random: Math.random })
    const app = await options.create({ config, log, metrics, clock, ids: createIds(clock), tracer })
    return {
      start: (signal) => app.start(signal),
      async stop() {
        await app.stop().finally(() => tracer.close())
      },
    }
  })
}

/** One application between its start and the exit of its process. */
class Run {
  readonly #service: string
  readonly #host: ProcessHost
  readonly #clock: Clock
  readonly #log: Logger
  readonly #stopTimeoutMs: number
  readonly #abort = new AbortController()
  // Backends that are awaited hold no handle: without this the process would end by itself, unfinished.
  readonly #keepAlive = setInterval(() => {}, 2 ** 30)
  #app: ServiceApp | undefined
  #starting: Promise<unknown> = Promise.resolve()
  #isStopping = false
  /** When the first signal came; one that follows it demands the end at once. */
  #signalledMs: number | undefined
  #code: number = exitCode.stopped
  #exited = false

  constructor(options: {
    readonly service: string
    readonly host: ProcessHost
    readonly clock: Clock
    readonly log: Logger
    readonly stopTimeoutMs: number
  }) {
    this.#service = options.service
    this.#host = options.host
    this.#clock = options.clock
    this.#log = options.log
    this.#stopTimeoutMs = options.stopTimeoutMs
    for (const signal of ['SIGTERM', 'SIGINT']) this.#host.on(signal, () => this.#onSignal(signal))
    this.#host.on('message', (message) => {
      if (message === shutdownMessage) this.#onShutdown()
    })
    this.#host.on('disconnect', () => this.#onDisconnect())
    for (const event of ['uncaughtException', 'unhandledRejection']) {
      this.#host.on(event, (err) => {
        this.#log.error({ err, event }, 'defect: nothing caught this; stopping')
        this.#stop(exitCode.software)
      })
    }
  }

  async start(create: () => ServiceApp | Promise<ServiceApp>): Promise<void> {
    // The parent may have died before anybody could listen for it.
    if (this.#host.send !== undefined && this.#host.connected === false) this.#onDisconnect()
    const start = async (): Promise<unknown> => {
      if (this.#abort.signal.aborted) return undefined
      this.#app = await create()
      if (this.#abort.signal.aborted) return undefined
      return this.#app.start(this.#abort.signal)
    }
    this.#starting = start()
    try {
      const addresses = await this.#starting
      if (!this.#isStopping) this.#log.info({ addresses }, 'ready')
    } catch (err) {
      if (this.#isStopping) return
      if (isConfigError(err)) this.#host.stderr.write(`hydra ${this.#service}: ${err.message}\n`)
      else this.#log.error({ err }, 'could not start')
      this.#stop(isConfigError(err) ? exitCode.config : exitCode.unavailable)
    }
  }

  /** Of a service that is stopping for another reason the first signal only says again what it does already. */
  #onSignal(signal: string): void {
    const nowMs = this.#clock.monotonicMs()
    if (this.#signalledMs === undefined) {
      this.#signalledMs = nowMs
      if (!this.#isStopping) this.#log.info({ signal }, 'stopping')
      this.#stop(exitCode.stopped)
    } else if (nowMs - this.#signalledMs >= repeatedSignalMs) {
      this.#log.warn({ signal }, 'second signal: leaving without finishing')
      this.#exit(exitCode.stopFailed)
    }
  }

  /** No second demand: when everything is told to end, the parent's word comes on top of the system's. */
  #onShutdown(): void {
    if (this.#isStopping) return
    this.#log.info({ signal: shutdownMessage }, 'stopping')
    this.#stop(exitCode.stopped)
  }

  /** No second demand: a service that is stopping has all the time that it had. */
  #onDisconnect(): void {
    if (this.#isStopping) return
    this.#log.warn({}, 'stopping: the parent process is gone')
    this.#stop(exitCode.stopped)
  }

  #stop(code: number): void {
    if (this.#code === exitCode.stopped) this.#code = code
    if (this.#isStopping) return
    this.#isStopping = true
    this.#clock.after(this.#stopTimeoutMs, () => {
      this.#log.error(
        { stopTimeoutMs: this.#stopTimeoutMs },
        'stopping took too long; leaving without finishing',
      )
      this.#exit(exitCode.stopFailed)
    })
    this.#abort.abort(new Error('the service is stopping'))
    void this.#finish()
  }

  async #finish(): Promise<void> {
    // A start that was cut short fails by design; one that failed by itself has been logged.
    await this.#starting.catch(() => {})
    try {
      await this.#app?.stop()
      this.#log.info({ code: this.#code }, 'stopped')
    } catch (err) {
      this.#log.error({ err }, 'failed to stop')
      if (this.#code === exitCode.stopped) this.#code = exitCode.stopFailed
    }
    this.#exit(this.#code)
  }

  #exit(code: number): void {
    if (this.#exited) return
    this.#exited = true
    clearInterval(this.#keepAlive)
    this.#host.exit(code)
  }
}

const isConfigError = (error: unknown): error is HydraError =>
  error instanceof HydraError && error.code === 'CONFIG_INVALID'

function configFile({ service, mainUrl }: { service: string; mainUrl: string }, host: ProcessHost): string {
  const given = configArgument(host.argv.slice(2)) ?? host.env[configFileVariable(service)]
  if (given !== undefined) return given
  const name = join('data', 'conf', `${service}server.toml`)
  return findAbove(mainUrl, name) ?? join(dirname(fileURLToPath(mainUrl)), name)
}

/** An argument that is not understood must not be ignored: it may name the very file that should be in force. */
function configArgument(args: readonly string[]): string | undefined {
  try {
    return parseArgs({ args: [...args], options: { config: { type: 'string' } } }).values.config
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new HydraError('CONFIG_INVALID', `${reason}. The only argument is --config <file>.`, { cause })
  }
}
