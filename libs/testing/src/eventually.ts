import { setTimeout as sleep } from 'node:timers/promises'
import { TestServerError } from './test-server-error.ts'

/** Bounds of {@link eventually}. */
export interface EventuallyOptions {
  /** Default 5,000 ms. */
  readonly timeoutMs?: number
  /** Pause between two looks, default 20 ms. */
  readonly intervalMs?: number
}

/**
 * Looks again and again until `check` neither throws nor gives `false`, `null` or `undefined`; returns what it gave.
 *
 * Only for outside systems that cannot tell: a row that another process writes, a key that expires in Redis, a process
 * that ends elsewhere. Whatever lives in this process has an event, a promise or a `ManualClock`; await that instead.
 *
 * @throws TestServerError `TIMEOUT` with the last failure as its cause
 * @example
 * const row = await eventually(() => findRole(database, roleId), { timeoutMs: 2_000 })
 */
export const eventually = async <T>(
  check: () => T | Promise<T>,
  { timeoutMs = 5_000, intervalMs = 20 }: EventuallyOptions = {},
): Promise<Exclude<T, false | null | undefined>> => {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    let failure: unknown
    try {
      const value = await check()
      if (isThere(value)) return value
      failure = new Error(`the check gave ${String(value)}`)
    } catch (error) {
      failure = error
    }
    if (performance.now() >= deadline) {
      throw new TestServerError('TIMEOUT', `Not true after ${timeoutMs} ms.`, { cause: failure })
    }
    await sleep(intervalMs)
  }
}

const isThere = <T>(value: T): value is Exclude<T, false | null | undefined> =>
  value !== false && value !== null && value !== undefined
