import { recoverRoles, type RoleJournal, type Roles } from '@hydra/persistence'
import type { Registry } from '@hydra/rpc'
import type { Clock, Counter, Logger } from '@hydra/runtime'
import { retry, type Backoff } from '../actor/retry.ts'

/** What recovery needs. */
export interface RecoveryOptions {
  readonly journal: RoleJournal
  readonly roles: Roles
  readonly registry: Pick<Registry, 'connected' | 'get'>
  readonly clock: Clock
  readonly random: () => number
  readonly backoff: Backoff
  readonly log: Logger
  /** Counts the roles saved. */
  readonly recovered: Counter
}

/**
 * Saves what game servers that are gone have left in the journal: when this server starts, and whenever another one
 * leaves. Every server may do it at the same time; writes are fenced.
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
    const { journal, roles, registry, log, recovered } = this.#options
    // While the registry is away its view may miss a server that has just started.
    const isAlive = (id: string) => !registry.connected || registry.get(id) !== undefined
    const { saved } = await recoverRoles({ journal, roles, isAlive, log })
    recovered.inc({}, saved)
  }
}
