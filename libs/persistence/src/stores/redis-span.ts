import type { Clock, Span } from '@hydra/runtime'
import type { Redis } from 'ioredis'

/** What noting one call of Redis needs. */
interface RedisSpanOptions {
  readonly asked: Span
  readonly address: string
  readonly clock: Clock
  /** Known for scripts and pipelines; else {@link RedisSpan.watch} finds it out. */
  readonly operation: string | undefined
}

/** One call of Redis as a span, which names the command, and neither keys nor values. */
export class RedisSpan {
  readonly #options: RedisSpanOptions
  readonly #startedMs: number
  #operation: string | undefined

  constructor(options: RedisSpanOptions) {
    this.#options = options
    this.#operation = options.operation
    this.#startedMs = options.clock.monotonicMs()
  }

  /** The same connection, of which the first command that is called is noted. */
  watch(redis: Redis): Redis {
    if (this.#operation !== undefined) return redis
    return new Proxy(redis, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function') return value
        this.#operation ??= String(name).toUpperCase()
        // A command called on the proxy would look up everything inside of the client through it.
        return value.bind(target) as unknown
      },
    })
  }

  /** Its name is known only now. */
  end(code?: string): void {
    const { asked, address, clock } = this.#options
    const operation = this.#operation ?? 'UNKNOWN'
    const span = asked.start(operation, {
      kind: 'client',
      startedMsAgo: clock.monotonicMs() - this.#startedMs,
      attributes: { 'db.system.name': 'redis', 'db.operation.name': operation, 'server.address': address },
    })
    span.end(code)
  }
}
