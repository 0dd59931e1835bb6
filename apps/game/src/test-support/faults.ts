import { HydraError } from '@hydra/protocol'

/** Makes real stores slow or unreachable at will. */
export class Faults {
  /** Names such as `roles.saveAll`, or `roles` for all of a store, that fail with `STORAGE_UNAVAILABLE`. */
  readonly down = new Set<string>()
  /** Names of calls that do their work and fail all the same: the answer is lost. */
  readonly lost = new Set<string>()
  /** Names of calls that do not answer before {@link end}, and fail then. */
  readonly hung = new Set<string>()
  /** Names of calls that do not begin before {@link heal}, and then do their work, whoever may have taken over by then. */
  readonly late = new Set<string>()
  #healed = deferred<void>()
  readonly #ended = deferred<void>()
  /** How many turns of the event loop each call takes, in a cycle. */
  delays: readonly number[] = [0]
  /** Calls so far, by name. */
  readonly calls = new Map<string, number>()
  #next = 0

  /** The store, with each call delayed or failed first. */
  wrap<T extends object>(name: string, store: T): T {
    return new Proxy(store, {
      get: (target, key, receiver) => {
        const member: unknown = Reflect.get(target, key, receiver)
        if (typeof member !== 'function') return member
        return async (...args: unknown[]): Promise<unknown> => {
          await this.#before(name, String(key))
          const result: unknown = await Reflect.apply(member, target, args)
          if (this.lost.has(`${name}.${String(key)}`))
            throw unavailable(`the answer of ${name}.${String(key)}`)
          return result
        }
      },
    })
  }

  async #before(store: string, method: string): Promise<void> {
    const name = `${store}.${method}`
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1)
    const turns = this.delays[this.#next++ % this.delays.length] ?? 0
    for (let turn = 0; turn < turns; turn++) await nextTurn()
    if (this.hung.has(name)) {
      await this.#ended.promise
      throw unavailable(name)
    }
    if (this.late.has(name)) await this.#healed.promise
    if (this.down.has(store) || this.down.has(name)) {
      throw unavailable(name)
    }
  }

  /** {@link heal}, and what hangs fails: for the end of a test, whose parts could not stop otherwise. */
  end(): void {
    this.heal()
    this.#ended.resolve()
  }

  /** Everything works again. */
  heal(): void {
    this.down.clear()
    this.lost.clear()
    this.hung.clear()
    this.late.clear()
    this.#healed.resolve()
    this.#healed = deferred()
  }
}

const unavailable = (what: string) =>
  new HydraError('STORAGE_UNAVAILABLE', `The test keeps ${what} from being reached.`)

/** Resolves when everything that could run by now has run once. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A promise and how to settle it. */
export function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => (resolve = settle))
  return { promise, resolve }
}
