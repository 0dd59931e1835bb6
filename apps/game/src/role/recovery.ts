import { recoverRoles, type RoleJournal, type Roles } from '@hydra/persistence'
import type { Registry } from '@hydra/rpc'
import { inTrace, type Clock, type Counter, type Logger, type Tracer } from '@hydra/runtime'
import { retry, type Backoff } from '../actor/retry.ts'

/** What recovery needs. */
export interface RecoveryOptions {
  /** Id of this server. */
  readonly owner: string
  readonly journal: RoleJournal
  readonly roles: Roles
  readonly registry: Pick<Registry, 'connected'>
  readonly isGone: (server: string) => boolean
  readonly clock: Clock
  readonly random: () => number
  readonly backoff: Backoff
  readonly log: Logger
  /** Each attempt is a trace of its own. */
  readonly tracer: Tracer
  /** Counts the roles saved. */
  readonly recovered: Counter
}

/**
 * Saves what game servers that are gone have left behind: when this server starts, and whenever another one leaves. All
 * servers want to at the same moment; one does, the others look after it whether anything is left.
 *
 * @example const recovery = new Recovery(options); recovery.request()
 */
export class Recovery {
  readonly #options: RecoveryOptions
  readonly #abort = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #wanted = false
  #busy = false

  constructor(options: RecoveryOptions) {
    this.#options = options
  }

  /** Starts a run, or has the present one followed by another. */
  request(): void {
    this.#wanted = true
    if (!this.#busy && !this.#abort.signal.aborted) this.#running = this.#run()
  }

  /** Resolves when no run is under way. */
  idle(): Promise<void> {
    return this.#running
  }

  /** Ends the attempts; resolves when none is under way. */
  async stop(): Promise<void> {
    this.#abort.abort(new Error('the server is stopping'))
    await this.#running
  }

  async #run(): Promise<void> {
    this.#busy = true
    const { clock, random, backoff, log } = this.#options
    const { signal } = this.#abort
    const onFailure = (err: unknown, attempt: number) => {
      if (err === notNow) return true
      log.warn({ err, attempt }, 'roles that other servers left unsaved could not be saved; trying again')
      return true
    }
    try {
      while (this.#wanted) {
        this.#wanted = false
        await retry(() => this.#recover(), { clock, random, backoff, signal, onFailure })
      }
    } catch (err) {
      log.info({ err }, 'recovery ended; other servers go on with it')
    } finally {
      this.#busy = false
    }
  }

  async #recover(): Promise<void> {
    const { recovered, registry, tracer } = this.#options
    const recover = () => inTrace(tracer, 'role recovery', () => recoverRoles(this.#options))
    const found = registry.connected ? await recover() : undefined
    // While the registry is away nobody is known to be gone, so that finding nothing means nothing.
    if (found === undefined || !registry.connected) throw notNow
    recovered.inc({}, found.saved)
  }
}

/** Another server is recovering, and may have begun before the last one left; or the registry is away. */
const notNow: unique symbol = Symbol('not now')
