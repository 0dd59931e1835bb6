import { withSpan } from '@hydra/runtime'

/** What a {@link TurnLoop} repeats. */
export interface TurnWork {
  /** Whether there is something to do now. */
  readonly due: () => boolean
  /** Does one step. Must not throw: that would be a defect, and ends the process as one. */
  readonly step: () => Promise<void>
  /** Called when nothing is due any more. */
  readonly done?: () => void
}

/**
 * Repeats work as long as some is due: one step at a time, and at most one in each turn of the event loop. So whatever
 * comes up in one turn is done together, and a store in memory, which answers within the turn, cannot keep others from
 * theirs.
 */
export class TurnLoop {
  readonly #work: TurnWork
  #running: Promise<void> | undefined

  constructor(work: TurnWork) {
    this.#work = work
  }

  get running(): boolean {
    return this.#running !== undefined
  }

  /** Begins with the next turn; does nothing while it runs. */
  start(): void {
    // It works for all, not in the trace of whoever is the first to want it.
    this.#running ??= withSpan(undefined, () => this.#run())
  }

  /** Resolves when nothing is due any more. */
  async idle(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    try {
      await nextTurn()
      while (this.#work.due()) {
        await this.#work.step()
        await nextTurn()
      }
    } finally {
      this.#running = undefined
    }
    this.#work.done?.()
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
