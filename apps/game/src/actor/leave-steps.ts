import { HydraError } from '@hydra/protocol'
import type { Clock, Logger } from '@hydra/runtime'
import { retry, type Backoff } from './retry.ts'

/** From this failure on the log says that a role cannot leave: what passes at once is not worth a line. */
const warnAtAttempt = 3

/** What the steps of a leave need. */
export interface LeaveStepsOptions {
  readonly rid: string
  readonly uid: string
  readonly clock: Clock
  readonly random: () => number
  readonly log: Logger
  readonly backoff: Backoff
}

/** What {@link LeaveSteps.untilDone} fails with when the waiting was ended from outside. */
export const stepEnded: unique symbol = Symbol('the step was ended')

/** Repeats the steps by which a role leaves until each is done, or until somebody ends the waiting. */
export class LeaveSteps {
  readonly #options: LeaveStepsOptions
  #current: { readonly abort: AbortController; readonly yields: boolean } | undefined
  #givenUp = false

  constructor(options: LeaveStepsOptions) {
    this.#options = options
  }

  /** Whether a step is under way. */
  get running(): boolean {
    return this.#current !== undefined
  }

  /** Whether {@link giveUp} was called. */
  get givenUp(): boolean {
    return this.#givenUp
  }

  /** Ends the waiting of a step that yields; others go on. */
  interrupt(): void {
    if (this.#current?.yields === true) this.#current.abort.abort(stepEnded)
  }

  /** Ends all waiting, from now on. */
  giveUp(): void {
    this.#givenUp = true
    this.#current?.abort.abort(stepEnded)
  }

  /** Does a step until it succeeds. @throws stepEnded, or HydraError `ROLE_ELSEWHERE`: there is nothing left to do. */
  async untilDone(step: () => Promise<void>, { yields = false }: { readonly yields?: boolean } = {}) {
    const { rid, uid, clock, random, log, backoff } = this.#options
    const abort = new AbortController()
    if (this.#givenUp) abort.abort(stepEnded)
    this.#current = { abort, yields }
    const onFailure = (err: unknown, attempt: number) => {
      if (HydraError.hasCode(err, 'ROLE_ELSEWHERE')) return false
      if (attempt === warnAtAttempt) log.warn({ rid, uid, err }, 'a role cannot leave yet; trying on')
      return true
    }
    try {
      await retry(step, { clock, random, backoff, signal: abort.signal, onFailure })
    } finally {
      this.#current = undefined
    }
  }
}
