import { HydraError } from '@hydra/protocol'

/** What becomes of a call that is under way. */
export type Fate =
  /** Done and answered. */
  | 'answer'
  /** Never arrived. */
  | 'lose-request'
  /** Done, but the answer never arrived. */
  | 'lose-answer'
  /** Done, but the answer is still under way: decided once more. */
  | 'answer-late'
  /** Given up by the caller; done at some later time. */
  | 'late'

/** What becomes of all calls: `held`: each as decided; the others say it for all. */
export type NetworkMode = 'held' | keyof typeof fates

/** `down`: nothing arrives; `deaf`: everything arrives and nothing is answered; `slow`: everything arrives too late. */
const fates = { up: 'answer', down: 'lose-request', deaf: 'lose-answer', slow: 'late' } as const

/** A call that has arrived, and what it was answered. */
export interface DoneCall {
  readonly name: string
  readonly parameters: readonly unknown[]
  readonly answer: unknown
}

interface Call {
  readonly name: string
  readonly parameters: readonly unknown[]
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
  readonly #running = new Set<Promise<unknown>>()
  #arrived = 0
  #failed = 0
  mode: NetworkMode = 'held'
  /** Once dead, no call arrives and none is answered: the process that made them is gone. */
  #dead = false
  readonly #onDone: (call: DoneCall) => void

  constructor(options: { readonly onDone?: (call: DoneCall) => void } = {}) {
    this.#onDone = options.onDone ?? (() => {})
  }

  get waiting(): number {
    return this.#waiting.length
  }

  get late(): number {
    return this.#late.length
  }

  /** Calls that have arrived so far, so that they may have changed something. */
  get arrived(): number {
    return this.#arrived
  }

  /** Calls that their caller has given up so far. */
  get failed(): number {
    return this.#failed
  }

  /** Whether calls that have arrived are not done yet. */
  get running(): boolean {
    return this.#running.size > 0
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
          return this.#call(
            call,
            parameters,
            async () => Reflect.apply(method, object, parameters) as unknown,
          )
        }
      },
    })
  }

  /** Decides one of the waiting calls. */
  async decide(index: number, fate: Fate): Promise<void> {
    const [call] = this.#waiting.splice(index % Math.max(1, this.#waiting.length), 1)
    if (call !== undefined) await this.#settle(call, fate)
  }

  /** Answers all that wait now, in their order. */
  async answerAll(): Promise<void> {
    for (let left = this.#waiting.length; left > 0; left--) await this.decide(0, 'answer')
  }

  /** Does what arrives late; nobody waits for the answer. */
  async arriveLate(index: number): Promise<void> {
    const [call] = this.#late.splice(index % Math.max(1, this.#late.length), 1)
    if (call !== undefined) await this.#run(call).catch(() => {})
  }

  /** Ends the process that makes these calls: what waits never arrives, or arrives late. */
  die(keepsArriving: boolean): void {
    this.#dead = true
    if (keepsArriving) this.#late.push(...this.#waiting)
    this.#waiting.length = 0
  }

  /** Resolves when what runs now is done. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#running)
  }

  #call(name: string, parameters: readonly unknown[], run: () => Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const call = { name, parameters, run, resolve, reject }
      if (this.#dead) return
      if (this.mode === 'held') this.#waiting.push(call)
      else void this.#settle(call, fates[this.mode])
    })
  }

  async #settle(call: Call, fate: Fate): Promise<void> {
    if (fate === 'answer') {
      await this.#run(call).then(
        (value) => this.#dead || call.resolve(value),
        (error: unknown) => this.#dead || call.reject(error),
      )
      return
    }
    if (fate === 'answer-late') {
      const outcome = this.#run(call)
      await outcome.catch(() => {})
      if (!this.#dead) this.#waiting.push({ ...call, run: () => outcome })
      return
    }
    if (fate === 'late') this.#late.push(call)
    if (fate === 'lose-answer') await this.#run(call).catch(() => {})
    if (this.#dead) return
    this.#failed += 1
    call.reject(new HydraError('STORAGE_UNAVAILABLE', `${call.name}: ${fate}`))
  }

  async #run(call: Call): Promise<unknown> {
    this.#arrived += 1
    const { name, parameters } = call
    const running = call.run()
    running.then(
      (answer) => this.#onDone({ name, parameters, answer }),
      (answer: unknown) => this.#onDone({ name, parameters, answer }),
    )
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }
}
