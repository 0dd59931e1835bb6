import { HydraError } from '@hydra/protocol'

/** What becomes of a call that is under way. */
export type Fate =
  /** Done and answered. */
  | 'answer'
  /** Never arrived. */
  | 'lose-request'
  /** Done, but the answer never arrived. */
  | 'lose-answer'
  /** Given up by the caller; done at some later time. */
  | 'late'

interface Call {
  readonly name: string
  readonly run: () => Promise<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/**
 * Holds every call to wrapped objects back until a test decides its {@link Fate}: a network and servers that fail in
 * every way, one step at a time.
 */
export class FlakyCalls {
  /** All calls so far. */
  readonly made: { readonly name: string; readonly parameters: readonly unknown[] }[] = []
  readonly #waiting: Call[] = []
  readonly #late: Call[] = []
  /** `down`: nothing arrives; `up`: everything is answered at once; `held`: as decided. */
  mode: 'held' | 'up' | 'down' = 'held'
  /** Once dead, no call arrives and none is answered: the process that made them is gone. */
  #dead = false

  get waiting(): number {
    return this.#waiting.length
  }

  get late(): number {
    return this.#late.length
  }

  /** The object with the given methods held back. */
  wrap<T extends object>(name: string, target: T): T {
    return new Proxy(target, {
      get: (object, key) => {
        const method: unknown = Reflect.get(object, key)
        if (typeof method !== 'function') return method
        return (...parameters: unknown[]) => {
          const call = `${name}.${String(key)}`
          this.made.push({ name: call, parameters })
          return this.#call(call, async () => Reflect.apply(method, object, parameters) as unknown)
        }
      },
    })
  }

  /** Decides one of the waiting calls, or one of the late ones' time has come. */
  async decide(index: number, fate: Fate): Promise<void> {
    const [call] = this.#waiting.splice(index % Math.max(1, this.#waiting.length), 1)
    if (call !== undefined) await this.#settle(call, fate)
  }

  /** Does what arrives late; nobody waits for the answer. */
  async arriveLate(index: number): Promise<void> {
    const [call] = this.#late.splice(index % Math.max(1, this.#late.length), 1)
    await call?.run().catch(() => {})
  }

  /** Ends the process that makes these calls: what waits never arrives, or arrives late. */
  die(keepsArriving: boolean): void {
    this.#dead = true
    if (keepsArriving) this.#late.push(...this.#waiting)
    this.#waiting.length = 0
  }

  #call(name: string, run: () => Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const call = { name, run, resolve, reject }
      if (this.#dead) return
      if (this.mode === 'held') this.#waiting.push(call)
      else void this.#settle(call, this.mode === 'up' ? 'answer' : 'lose-request')
    })
  }

  async #settle(call: Call, fate: Fate): Promise<void> {
    if (fate === 'late') this.#late.push(call)
    if (fate === 'lose-answer') await call.run().catch(() => {})
    if (fate === 'answer') {
      await call.run().then(call.resolve, call.reject)
      return
    }
    call.reject(new HydraError('STORAGE_UNAVAILABLE', `${call.name}: ${fate}`))
  }
}
