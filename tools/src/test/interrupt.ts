import { constants } from 'node:os'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Thrown out of whatever was going on when a signal told the run to end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
  readonly signal: (typeof signals)[number]

  constructor(signal: (typeof signals)[number]) {
    super(`Interrupted by ${signal}.`)
    this.signal = signal
  }

  /** 128 + number of the signal, as shells have it: 130 after Ctrl-C. */
  get exitCode(): number {
    return 128 + constants.signals[this.signal]
  }
}

/**
 * Aborts with an {@link Interrupted} at the first SIGINT, SIGTERM or SIGHUP. Later ones change nothing: npm passes a
 * Ctrl-C on which the terminal has already delivered.
 */
export const interruptSignal = (): AbortSignal => {
  const controller = new AbortController()
  for (const signal of signals) process.on(signal, () => controller.abort(new Interrupted(signal)))
  return controller.signal
}
