import { delay, type Clock, type Logger } from '@hydra/runtime'

/** What is tried again and again. */
export interface KeepTryingOptions {
  /** Name of the backend in the log, for example `nats`. */
  readonly backend: string
  readonly addresses: readonly string[]
  readonly clock: Clock
  readonly log: Logger
  /** A number in [0, 1): servers that lost the same backend must not all come back at the same moment. */
  readonly random: () => number
  /** Ends the trying. */
  readonly signal?: AbortSignal
  /** Told of each failure, for whoever is asked why nothing works yet. */
  readonly onFailure?: (error: unknown) => void
}

const firstDelayMs = 100
const maxDelayMs = 5_000

/**
 * Repeats an attempt until it succeeds, with pauses that double up to five seconds, each shortened by up to half by chance; each failure is logged.
 *
 * @throws the signal's reason once it is aborted.
 */
export async function keepTrying<T>(attempt: () => Promise<T>, options: KeepTryingOptions): Promise<T> {
  const { backend, addresses, clock, log, random, signal, onFailure } = options
  for (let count = 1, delayMs = firstDelayMs; ; count++, delayMs = Math.min(delayMs * 2, maxDelayMs)) {
    signal?.throwIfAborted()
    try {
      const result = await attempt()
      if (count > 1) log.info({ backend, addresses, attempts: count }, 'a backend is reachable now')
      return result
    } catch (err) {
      signal?.throwIfAborted()
      onFailure?.(err)
      const retryInMs = Math.round(delayMs * (0.5 + random() / 2))
      log.warn(
        { backend, addresses, attempt: count, retryInMs, err },
        'a backend cannot be reached, trying again',
      )
      await delay(clock, retryInMs, signal)
    }
  }
}
