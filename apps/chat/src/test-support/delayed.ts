import type * as fc from 'fast-check'

/** The same, but every call begins some time after it was made, and is answered some time after it was done. */
export function delayed<T extends object>(scheduler: fc.Scheduler, target: T): T {
  const wait = () => scheduler.schedule(Promise.resolve())
  return new Proxy(target, {
    get(of, name) {
      const method = Reflect.get(of, name) as (...args: unknown[]) => unknown
      return async (...args: unknown[]) => {
        await wait()
        const answer = await method.apply(of, args)
        await wait()
        return answer
      }
    },
  })
}
