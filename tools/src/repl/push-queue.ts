import type { Clock } from '@hydra/runtime'

/** A push that has come. */
export interface ReceivedPush {
  readonly name: string
  readonly payload: unknown
}

/** Pushes that are kept until somebody waits for one; the oldest makes room. */
const keptMax = 256

/** The pushes that nobody has waited for yet: one may come before the answer to what brought it about. */
export class PushQueue {
  readonly #clock: Clock
  #kept: ReceivedPush[] = []
  #waiting: ((push: ReceivedPush) => boolean) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(name: string, payload: unknown): void {
    const push = { name, payload }
    if (this.#waiting?.(push) === true) return
    this.#kept.push(push)
    if (this.#kept.length > keptMax) this.#kept.shift()
  }

  /** The next push whose name begins so, those before it are forgotten; `undefined` when none comes in time. One call at a time. */
  next(prefix: string, withinMs: number): Promise<ReceivedPush | undefined> {
    const index = this.#kept.findIndex(({ name }) => name.startsWith(prefix))
    const [found] = index === -1 ? [] : this.#kept.slice(index)
    this.#kept = index === -1 ? [] : this.#kept.slice(index + 1)
    if (found !== undefined) return Promise.resolve(found)
    return new Promise((resolve) => {
      const end = (push: ReceivedPush | undefined) => {
        timer.cancel()
        this.#waiting = undefined
        resolve(push)
      }
      const timer = this.#clock.after(withinMs, () => end(undefined))
      this.#waiting = (push) => {
        if (!push.name.startsWith(prefix)) return false
        end(push)
        return true
      }
    })
  }
}
