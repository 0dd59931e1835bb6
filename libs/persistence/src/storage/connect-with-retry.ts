import { delay, type Clock, type Logger, type Readiness } from '@hydra/runtime'
import { Backoff } from '../backoff.ts'
import { isUnavailable } from '../unavailable.ts'
import type { StorageConfig } from './storage-config.ts'

/** What opening storage needs. */
export interface OpenStorageDeps {
  readonly clock: Clock
  readonly log: Logger
  /** A number in [0, 1), for the jitter of the retries: `Math.random`. */
  readonly random: () => number
  /** Gives up waiting for backends. */
  readonly signal?: AbortSignal
  /** Gets one check for each backend, at once: it says why while the backend is not there yet. */
  readonly readiness?: Pick<Readiness, 'add'>
}

/** A backend to connect to. */
export interface Backend<T> {
  /** For log and `/readyz`: `mysql`, `redis` … */
  readonly name: string
  /** Tries once. @throws HydraError `STORAGE_UNAVAILABLE` to be tried again, anything else to give up. */
  readonly connect: () => Promise<T>
  /** Whether it is usable now. */
  readonly check: (connected: T) => Promise<void>
}

/** A backend that is connected. */
export interface Connected<T> {
  readonly backend: T
  /** Removes the readiness check. */
  readonly forget: () => void
}

/** Connects, however long it takes; the log names the backend at each failure and `/readyz` says the last one. */
export async function connectWithRetry<T>(
  { name, connect, check }: Backend<T>,
  config: Pick<StorageConfig, 'retryMinMs' | 'retryMaxMs'>,
  deps: OpenStorageDeps,
): Promise<Connected<T>> {
  const { clock, log, random, readiness, signal } = deps
  let connected: { readonly backend: T } | undefined
  let lastError: unknown = new Error('not connected yet')
  const forget =
    readiness?.add({
      name,
      check: async () => {
        if (connected === undefined) throw lastError
        await check(connected.backend)
      },
    }) ?? (() => {})
  const backoff = new Backoff({ minMs: config.retryMinMs, maxMs: config.retryMaxMs, random })
  try {
    for (;;) {
      signal?.throwIfAborted()
      try {
        connected = { backend: await connect() }
        if (backoff.failures > 0) log.info({ backend: name }, 'backend is here')
        return { backend: connected.backend, forget }
      } catch (error) {
        if (!isUnavailable(error)) throw error
        lastError = error
        const retryInMs = Math.round(backoff.nextMs())
        log.warn({ backend: name, err: error, retryInMs }, 'backend is not available; trying again')
        await delay(clock, retryInMs, signal)
      }
    }
  } catch (error) {
    forget()
    throw error
  }
}
