import { HydraError } from '@hydra/protocol'
import type { Clock, Counter, Logger } from '@hydra/runtime'
import { limitParallel } from '../actor/limit-parallel.ts'
import { retry, type Backoff } from '../actor/retry.ts'
import type { RoleActors } from '../actor/role-actors.ts'
import type { RoleState } from '../role/role.ts'
import type { LedgerPages } from './ledger-pages.ts'
import { pageToArchive, withoutPage } from './ledger-ring.ts'

/** What archiving needs. */
export interface LedgerArchiverOptions {
  readonly pages: Pick<LedgerPages, 'put'>
  readonly actors: Pick<RoleActors, 'peek' | 'runFor'>
  readonly clock: Clock
  readonly random: () => number
  readonly backoff: Backoff
  readonly log: Logger
  /** Counts pages by `outcome`. */
  readonly archived: Counter
}

/** So many roles are looked after at one time; another one is when it changes the next time. */
const rolesMax = 1_000
/** So many of them are written for at one time. */
const writesParallel = 8
/** How long dropping what is archived may wait for the role's turn, before it is tried again. */
const turnMs = 10_000

/**
 * Takes the oldest entries out of the ledgers of roles, page by page: first a page is stored, outside of the role's
 * turn, then it is dropped from the role, within one. A crash in between has the same page stored again when the role is
 * next loaded. While the database is away it is tried again for as long as the role is in memory.
 *
 * @example
 * const archiver = new LedgerArchiver(options)
 * archiver.request(role) // after each stored change, and when a role was loaded
 */
export class LedgerArchiver {
  readonly #options: LedgerArchiverOptions
  readonly #put: LedgerPages['put']
  readonly #stopped = new AbortController()
  /** By role id; none of them rejects. */
  readonly #underWay = new Map<string, Promise<void>>()

  constructor(options: LedgerArchiverOptions) {
    this.#options = options
    this.#put = limitParallel(writesParallel, (rid, page) => options.pages.put(rid, page))
  }

  /** Looks after a role in the background, if its ledger is so long that something is to be archived. Never throws. */
  request(role: RoleState): void {
    const { rid, uid } = role
    if (pageToArchive(role.ledger) === undefined || this.#stopped.signal.aborted) return
    if (this.#underWay.has(rid) || this.#underWay.size >= rolesMax) return
    const done = this.#archive({ rid, uid }).finally(() => this.#underWay.delete(rid))
    this.#underWay.set(rid, done)
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay.values())
  }

  /** Begins nothing new, and tries nothing again. Resolves when nothing is under way. */
  stop(): Promise<void> {
    this.#stopped.abort(new HydraError('SHUTTING_DOWN', 'The server is stopping.'))
    return this.idle()
  }

  async #archive(role: { readonly rid: string; readonly uid: string }): Promise<void> {
    const { clock, random, backoff, log, archived } = this.#options
    const { rid } = role
    try {
      await retry(() => this.#archiveAll(role), {
        clock,
        random,
        backoff,
        signal: this.#stopped.signal,
        onFailure: (err, attempt) => {
          archived.inc({ outcome: 'failed' })
          if (attempt === 1)
            log.warn({ rid, err }, 'the ledger of a role could not be archived; it is tried again')
          return this.#options.actors.peek(rid) !== undefined
        },
      })
    } catch (err) {
      log.debug({ rid, err }, 'the ledger of a role is archived when it is next loaded')
    }
  }

  async #archiveAll(role: { readonly rid: string; readonly uid: string }): Promise<void> {
    // A role that has left meanwhile is not loaded for this: whoever loads it next goes on.
    for (;;) {
      const state = this.#options.actors.peek(role.rid)
      const page = state && pageToArchive(state.ledger)
      if (page === undefined || this.#stopped.signal.aborted) return
      await this.#put(role.rid, page)
      if (this.#options.actors.peek(role.rid) === undefined) return
      const untilMs = this.#options.clock.monotonicMs() + turnMs
      const caller = { ...role, remainingMs: () => untilMs - this.#options.clock.monotonicMs() }
      await this.#options.actors.runFor(caller, (turn) =>
        turn.changeDurably((before) => {
          const ledger = withoutPage(before.ledger, page)
          return ledger === before.ledger ? before : { ...before, ledger }
        }),
      )
      this.#options.archived.inc({ outcome: 'stored' })
    }
  }
}
