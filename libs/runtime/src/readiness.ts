import type { Clock } from './clock.ts'

/** Something a service cannot work without, for example its database. */
export interface ReadinessCheck {
  readonly name: string
  /** Throws, with a sentence that says why, when it is not usable. */
  check(): void | Promise<void>
}

/** What `/readyz` answers. */
export interface ReadinessReport {
  /** Whether new work should be sent here. */
  readonly ready: boolean
  /** `failing`: started, but a check fails. */
  readonly status: 'starting' | 'ready' | 'failing' | 'draining'
  /** `ok`, or why not, by name of the check. */
  readonly checks: Readonly<Record<string, string>>
}

/** Time source and bound for the checks. */
export interface ReadinessOptions {
  readonly clock: Clock
  /** A check that takes longer has failed; 1000 when absent. */
  readonly checkTimeoutMs?: number
}

/**
 * Whether a service should get work: it has started, is not draining, and everything it needs is usable.
 *
 * A check runs once at a time: asked again while one still runs, the same run answers, so that no number of probes and
 * no check that hangs can pile up work.
 *
 * @example
 * const readiness = new Readiness({ clock: systemClock })
 * readiness.add({ name: 'database', check: () => database.ping() })
 * readiness.started()
 * const { ready } = await readiness.report()
 */
export class Readiness {
  readonly #clock: Clock
  readonly #checkTimeoutMs: number
  readonly #checks = new Map<string, ReadinessCheck>()
  readonly #running = new Map<ReadinessCheck, Promise<string>>()
  #state: 'starting' | 'started' | 'draining' = 'starting'

  constructor(options: ReadinessOptions) {
    this.#clock = options.clock
    this.#checkTimeoutMs = options.checkTimeoutMs ?? 1_000
  }

  /** Adds a check; answers how to remove it. @throws Error when the name is in use. */
  add(check: ReadinessCheck): () => void {
    if (this.#checks.has(check.name)) throw new Error(`there is a readiness check "${check.name}" already`)
    this.#checks.set(check.name, check)
    return () => {
      if (this.#checks.get(check.name) === check) this.#checks.delete(check.name)
    }
  }

  /** Ends the state `starting`: from now on the checks decide. Does nothing once draining. */
  started(): void {
    if (this.#state === 'starting') this.#state = 'started'
  }

  /** Not ready from now on, whatever the checks say; there is no way back. */
  drain(): void {
    this.#state = 'draining'
  }

  /** Runs all checks at the same time. Never rejects. */
  async report(): Promise<ReadinessReport> {
    const results = await Promise.all(
      [...this.#checks.values()].map(async (check) => [check.name, await this.#result(check)] as const),
    )
    const passed = results.every(([, result]) => result === 'ok')
    const status = this.#state === 'started' ? (passed ? 'ready' : 'failing') : this.#state
    return { ready: status === 'ready', status, checks: Object.fromEntries(results) }
  }

  #result(check: ReadinessCheck): Promise<string> {
    let run = this.#running.get(check)
    if (run === undefined) {
      run = runCheck(check).finally(() => this.#running.delete(check))
      this.#running.set(check, run)
    }
    return this.#bounded(run)
  }

  #bounded(run: Promise<string>): Promise<string> {
    return new Promise((resolve) => {
      const timer = this.#clock.after(this.#checkTimeoutMs, () =>
        resolve(`no answer within ${this.#checkTimeoutMs} ms`),
      )
      const settle = async (): Promise<void> => {
        const result = await run
        timer.cancel()
        resolve(result)
      }
      void settle()
    })
  }
}

async function runCheck(check: ReadinessCheck): Promise<string> {
  try {
    await check.check()
    return 'ok'
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return reason === '' ? 'failed without saying why' : reason
  }
}
