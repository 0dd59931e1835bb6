/**
 * Lets a bounded number of calls run at one time; the others wait for their turn, in order. How many may wait is the
 * caller's to bound.
 *
 * @example const load = limitParallel(64, (rid: string) => roles.find(rid))
 */
export function limitParallel<Args extends readonly unknown[], T>(
  maxRunning: number,
  call: (...args: Args) => Promise<T>,
): (...args: Args) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (...args) => {
    if (running < maxRunning) running++
    else await new Promise<void>((resolve) => void waiting.push(resolve))
    try {
      return await call(...args)
    } finally {
      // The place goes to the next one, so the number that run stays.
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
