/** A timer that has been set; cancelling it twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void
}

/**
 * Time as an injected interface, so that tests move it by hand ({@link ManualClock}).
 *
 * @example
 * const timer = clock.after(5_000, () => session.close('IDLE'))
 * timer.cancel()
 */
export interface Clock {
  /** Milliseconds since 1970. May jump when the machine's clock is set: for timestamps only. */
  nowMs(): number
  /** Milliseconds since an arbitrary start, never going back: for durations and deadlines inside a process. */
  monotonicMs(): number
  /** Runs `callback` once after `delayMs`. Does not keep the process alive. */
  after(delayMs: number, callback: () => void): Timer
  /** Runs `callback` each `periodMs`. Does not keep the process alive. */
  every(periodMs: number, callback: () => void): Timer
}

/** The clock of the machine. */
export const systemClock: Clock = Object.freeze({
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs: number, callback: () => void): Timer {
    const handle = setTimeout(callback, delayMs).unref()
    return { cancel: () => clearTimeout(handle) }
  },
  every(periodMs: number, callback: () => void): Timer {
    const handle = setInterval(callback, periodMs).unref()
    return { cancel: () => clearInterval(handle) }
  },
})

/**
 * Resolves after `delayMs`; rejects with the signal's reason when that aborts first.
 *
 * @example await delay(systemClock, 250, signal)
 */
export function delay(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason)
    const onAbort = () => {
      timer.cancel()
      reject(signal?.reason)
    }
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
