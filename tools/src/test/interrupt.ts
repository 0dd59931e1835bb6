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
export const interruptSignal = (): AbortSignal => listen().signal

/**
 * Does some work that ends in good order when a signal comes, see {@link interruptSignal}. Afterwards signals end the
 * process again, as they do by default.
 *
 * @throws whatever the work throws, such as the {@link Interrupted} with which its signal aborts
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, release } = listen()
  try {
    return await work(signal)
  } finally {
    release()
  }
}

function listen(): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController()
  const listeners = signals.map((signal) => {
    const listener = (): void => controller.abort(new Interrupted(signal))
    process.on(signal, listener)
    return () => process.off(signal, listener)
  })
  return {
    signal: controller.signal,
    release() {
      for (const remove of listeners) remove()
    },
  }
}
