import { HydraError } from '@hydra/protocol'

/** How a server ends, or what it does not hear. */
export type Fate = 'dies before' | 'dies after' | 'loses answer'

/** A server's life: it may end before or after any of its calls. What it has called then never answers. */
export class Life {
  /** Resolves when it has ended. */
  readonly ended: Promise<'died'>
  #end: () => void = () => {}
  #dead = false
  readonly #underWay = new Set<Promise<unknown>>()
  #fuse: { calls: number; readonly fate: Fate } | undefined

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#end = () => {
        this.#dead = true
        resolve('died')
      }
    })
  }

  /** Something happens at one of its next calls. */
  light(calls: number, fate: Fate): void {
    this.#fuse = { calls, fate }
  }

  /** Nothing happens any more. */
  extinguish(): void {
    this.#fuse = undefined
  }

  /** Resolves when all that it has called has been done, whether it hears of it or not. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay)
  }

  /** An object all of whose calls are made in this life. */
  lead<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (_target, name) => {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...parameters: unknown[]) =>
          this.#call(() => this.#do(() => Reflect.apply(value, target, parameters) as Promise<unknown>))
      },
    })
  }

  async #do(step: () => Promise<unknown>): Promise<unknown> {
    const doing = step()
    this.#underWay.add(doing)
    try {
      return await doing
    } finally {
      this.#underWay.delete(doing)
    }
  }

  async #call(step: () => Promise<unknown>): Promise<unknown> {
    if (this.#dead) return never
    const fuse = this.#fuse
    if (fuse === undefined || fuse.calls-- > 0) {
      const answer = await step()
      return this.#dead ? never : answer
    }
    this.#fuse = undefined
    if (fuse.fate === 'dies before') {
      this.#end()
      return never
    }
    await step().catch(() => {})
    if (fuse.fate === 'loses answer') {
      throw new HydraError('STORAGE_UNAVAILABLE', 'The connection broke before the answer came.')
    }
    this.#end()
    return never
  }
}

const never = new Promise<never>(() => {})
