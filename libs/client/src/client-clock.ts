/** The part of a clock that the client needs; the `Clock` of a service fits, and so does a test's own. */
export interface ClientClock {
  /** Milliseconds since an arbitrary start, never going back. */
  monotonicMs(): number
  /** Runs `callback` once after `delayMs`, unless cancelled before. */
  after(delayMs: number, callback: () => void): { cancel(): void }
}

/** The clock of the machine, in browsers and in Node. */
export const systemClock: ClientClock = Object.freeze({
  monotonicMs: () => performance.now(),
  after(delayMs: number, callback: () => void) {
    const handle = setTimeout(callback, delayMs)
    return { cancel: () => clearTimeout(handle) }
  },
})
