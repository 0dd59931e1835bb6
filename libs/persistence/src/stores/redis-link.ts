import { HydraError } from '@hydra/protocol'
import {
  activeSpan,
  type Clock,
  type HistogramChild,
  type Logger,
  type Metrics,
  type TlsMaterial,
} from '@hydra/runtime'
import { Redis, type ChainableCommander } from 'ioredis'
import { withoutArguments } from './redis-error.ts'
import { RedisSpan } from './redis-span.ts'

/** Where Redis is, and how long to wait for it. */
export interface RedisOptions {
  /** `redis://[user:password@]host:port/db`, or `rediss:` for TLS. */
  readonly url: string
  /** Certificates for `rediss:`; the authorities of the system when absent. */
  readonly tls?: TlsMaterial | undefined
  readonly connectTimeoutMs: number
  readonly commandTimeoutMs: number
  /** Pauses between tries to connect: doubling from the first to the second, with jitter. */
  readonly retryMinMs: number
  readonly retryMaxMs: number
}

/** What a {@link RedisLink} needs. */
export interface RedisDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly random: () => number
}

/** Key or argument of a script. */
export type ScriptParameter = string | number | Buffer

/** A Lua script: atomic on the server, its text sent once for each connection. */
export interface RedisScript {
  call(...parameters: readonly ScriptParameter[]): Promise<unknown>
}

/** Calls that may be under way; one more fails, because whoever calls is faster than Redis answers. */
const inFlightMax = 20_000

type ScriptCall = (...parameters: ScriptParameter[]) => Promise<unknown>

/** How long closing waits for answers that are under way. */
const closeTimeoutMs = 1_000

/**
 * One connection to Redis that reconnects by itself. While it is down every call fails at once (nothing is queued, and
 * nothing that was sent is sent again: whoever calls knows whether a repeat does harm). Commands of one turn of the
 * event loop travel together.
 */
export class RedisLink {
  readonly address: string
  readonly #redis: Redis
  readonly #clock: Clock
  readonly #log: Logger
  readonly #callSeconds: HistogramChild
  #down = false
  #closing = false
  /** Until the connection that was given up is closed. */
  #leaving = false
  /** Why the last connection failed; a server that closes one gives no reason. */
  #lastError: unknown
  #inFlight = 0
  /** When Redis last answered anything, by the monotonic clock. */
  #answeredAtMs = Number.NEGATIVE_INFINITY

  constructor(options: RedisOptions, deps: RedisDeps) {
    this.#clock = deps.clock
    this.#log = deps.log
    this.address = describe(options.url)
    const speaksTls = options.tls !== undefined || new URL(options.url).protocol === 'rediss:'
    this.#redis = new Redis(new URL(options.url).href, {
      // Said outright: otherwise NODE_TLS_REJECT_UNAUTHORIZED decides.
      ...(speaksTls ? { tls: { ...options.tls, rejectUnauthorized: true } } : {}),
      lazyConnect: true,
      // A user of few rights may not say it, which Redis notes at each connection.
      disableClientInfo: true,
      enableAutoPipelining: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      connectTimeout: options.connectTimeoutMs,
      commandTimeout: options.commandTimeoutMs,
      keepAlive: 10_000,
      retryStrategy: (attempt) =>
        Math.min(options.retryMaxMs, options.retryMinMs * 2 ** Math.min(attempt - 1, 20)) *
        (0.5 + deps.random() / 2),
      // After a failover the old connection leads to a replica.
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
    })
    deps.metrics.gauge({
      name: 'hydra_redis_connected',
      help: '1 while the connection to Redis stands, 0 while calls fail at once.',
      collect: () => Number(this.#redis.status === 'ready'),
    })
    this.#callSeconds = deps.metrics
      .histogram({
        name: 'hydra_redis_call_seconds',
        help: 'From a call to its answer or failure.',
      })
      .child({})
    deps.metrics.gauge({
      name: 'hydra_redis_calls_in_flight',
      help: 'Calls that Redis has not answered yet.',
      collect: () => this.#inFlight,
    })
    this.#redis.on('error', (err: unknown) => (this.#lastError = withoutArguments(err)))
    this.#redis.on('close', () => this.#onClose())
    this.#redis.on('ready', () => this.#onReady())
  }

  /**
   * Runs plain commands.
   *
   * @param operation name of it all in traces; that of the first command when absent
   * @throws HydraError `STORAGE_UNAVAILABLE`, `SERVER_BUSY`.
   */
  async run<T>(work: (redis: Redis) => Promise<T>, operation?: string): Promise<T> {
    if (this.#inFlight >= inFlightMax) {
      throw new HydraError('SERVER_BUSY', `${inFlightMax} calls wait for ${this.address}.`)
    }
    this.#inFlight += 1
    const startedMs = this.#clock.monotonicMs()
    const asked = activeSpan()
    const span =
      asked?.recording === true
        ? new RedisSpan({ asked, address: this.address, clock: this.#clock, operation })
        : undefined
    try {
      const result = await work(span === undefined ? this.#redis : span.watch(this.#redis))
      span?.end()
      this.#answeredAtMs = this.#clock.monotonicMs()
      return result
    } catch (error) {
      span?.end('STORAGE_UNAVAILABLE')
      if (isTimeout(error) && this.#answeredAtMs < startedMs) this.#reconnect()
      throw this.#unavailable(error)
    } finally {
      this.#inFlight -= 1
      this.#callSeconds.observe((this.#clock.monotonicMs() - startedMs) / 1_000)
    }
  }

  /** Runs commands in one round trip; answers their results. @throws HydraError `STORAGE_UNAVAILABLE` if one failed. */
  async pipeline(fill: (pipeline: ChainableCommander) => void): Promise<readonly unknown[]> {
    return this.run(async (redis) => {
      const pipeline = redis.pipeline()
      fill(pipeline)
      const results = (await pipeline.exec()) ?? []
      return results.map(([error, result]) => {
        if (error !== null) throw error
        return result
      })
    }, 'PIPELINE')
  }

  /**
   * Defines a script under a name that no other script of this connection has. Without `numberOfKeys`, each call
   * begins with it.
   */
  script(name: string, numberOfKeys: number | undefined, lua: string): RedisScript {
    this.#redis.defineCommand(name, numberOfKeys === undefined ? { lua } : { numberOfKeys, lua })
    // ioredis adds the method at run time; its types cannot know.
    const on = (redis: Redis): ScriptCall => {
      const call = (redis as unknown as Record<string, ScriptCall | undefined>)[name]
      if (call === undefined) throw new TypeError(`no script ${name}`)
      return call.bind(redis)
    }
    return { call: (...parameters) => this.run((redis) => on(redis)(...parameters), name) }
  }

  /** Resolves when Redis has answered; connects first if need be. @throws HydraError `STORAGE_UNAVAILABLE`. */
  ping(): Promise<void> {
    return this.run(async (redis) => {
      if (redis.status === 'wait') await redis.connect()
      await redis.ping()
    })
  }

  /** Waits (bounded) for the answers under way, then disconnects. */
  async close(): Promise<void> {
    this.#closing = true
    if (this.#redis.status === 'ready') {
      const timer = this.#clock.after(closeTimeoutMs, () => this.#redis.disconnect())
      await this.#redis
        .quit()
        .catch((err: unknown) =>
          this.#log.debug({ err: withoutArguments(err) }, 'redis closed without goodbye'),
        )
      timer.cancel()
    }
    this.#redis.disconnect()
  }

  /**
   * Redis has stopped answering: a new connection forgets the calls that timed out, and meanwhile calls fail at once.
   * ioredis' own `socketTimeout` is no use: its timer outlives the connection and ends the next one, which is well.
   */
  #reconnect(): void {
    if (this.#redis.status !== 'ready' || this.#closing || this.#leaving) return
    this.#leaving = true
    this.#redis.disconnect(true)
  }

  #unavailable(cause: unknown): HydraError {
    if (cause instanceof HydraError) return cause
    return new HydraError('STORAGE_UNAVAILABLE', `${this.address} cannot be reached or did not answer.`, {
      // Why it is closed, such as a certificate that was refused, tells more than that it is.
      cause: isClosed(cause) ? (this.#lastError ?? cause) : withoutArguments(cause),
    })
  }

  /** Also called for each try to connect that fails; one line for each outage is enough. */
  #onClose(): void {
    this.#leaving = false
    if (this.#down || this.#closing) return
    this.#down = true
    this.#log.warn({ err: this.#lastError, address: this.address }, 'redis connection lost; reconnecting')
  }

  #onReady(): void {
    if (this.#down) this.#log.info({ address: this.address }, 'redis connection is back')
    this.#down = false
    this.#lastError = undefined
  }
}

const isTimeout = (error: unknown): boolean => error instanceof Error && error.message === 'Command timed out'

const isClosed = (error: unknown): boolean =>
  error instanceof Error &&
  (error.message === 'Connection is closed.' || error.message.startsWith("Stream isn't writeable"))

function describe(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  return `redis ${hostname}:${port === '' ? '6379' : port}${pathname === '/' ? '' : pathname}`
}
