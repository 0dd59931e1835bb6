import { HydraError } from '@hydra/protocol'
import { activeSpan, withSpan } from '@hydra/runtime'
import { runTurn, waitingTurn } from './traced-job.ts'

interface Waiting {
  /** Runs the job and settles its caller's promise; never rejects. */
  readonly run: () => Promise<void>
  readonly fail: (error: unknown) => void
}

/** Options of {@link Mailbox.run}. */
export interface RunOptions {
  /** Take the job although the bound is reached: for the few that the owner of the mailbox adds itself. */
  readonly beyondBound?: boolean
}

/**
 * Runs jobs strictly one after another in the order given, each when the one before has settled. A job that fails
 * fails its own caller only. A job must not wait for a later one of the same mailbox: neither would ever end.
 *
 * @example
 * const mailbox = new Mailbox(256)
 * const level = await mailbox.run(() => role.levelUp())
 */
export class Mailbox {
  readonly #maxJobs: number
  readonly #waiting: Waiting[] = []
  #running = false
  #closedBy: { readonly error: unknown } | undefined

  constructor(maxJobs: number) {
    this.#maxJobs = maxJobs
  }

  /** Jobs that wait or run. */
  get depth(): number {
    return this.#waiting.length + (this.#running ? 1 : 0)
  }

  /**
   * Appends a job and answers what it answers. An idle mailbox starts it at once: what a job answers without a promise
   * is then there without one, so that the many requests that only read or change memory cost no detour. Whatever goes
   * wrong is a rejection.
   *
   * @throws HydraError `SERVER_BUSY` when `maxJobs` are in the mailbox: the job will not run.
   */
  run<T>(job: () => T | Promise<T>, options: RunOptions = {}): T | Promise<T> {
    if (this.#closedBy !== undefined) return Promise.reject(this.#closedBy.error)
    if (this.depth >= this.#maxJobs && options.beyondBound !== true) {
      return Promise.reject(
        new HydraError('SERVER_BUSY', `${this.#maxJobs} requests wait for this role; send it again later.`),
      )
    }
    const asked = activeSpan()
    if (this.#running) return this.#append(waitingTurn(asked, this.depth, job))
    return this.#runNow(asked === undefined ? job : () => runTurn(asked, job))
  }

  /** Fails every job that has not started, and all later ones, with `error`. The running one goes on. */
  close(error: unknown): void {
    this.#closedBy ??= { error }
    for (const { fail } of this.#waiting.splice(0)) fail(this.#closedBy.error)
  }

  #runNow<T>(job: () => T | Promise<T>): T | Promise<T> {
    this.#running = true
    let result: T | Promise<T>
    try {
      result = job()
    } catch (error) {
      result = Promise.reject(error)
    }
    // A job may have appended others while it ran, even one that is over already.
    // What waits is for others: each goes on in the span of its own caller.
    if (result instanceof Promise || this.#waiting.length > 0)
      withSpan(undefined, () => void this.#work(result))
    else this.#running = false
    return result
  }

  #append<T>(job: () => T | Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const run = async () => {
        try {
          resolve(await job())
        } catch (error) {
          reject(error)
        }
      }
      this.#waiting.push({ run, fail: reject })
    })
  }

  async #work(running: unknown): Promise<void> {
    // Its caller hears of a failure; here it only matters that the job is over.
    await Promise.allSettled([running])
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) await next.run()
    this.#running = false
  }
}
