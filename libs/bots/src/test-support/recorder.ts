import type { ClientClock } from '@hydra/client'
import {
  HydraError,
  type ErrorCode,
  type SceneEntity,
  type SceneInfo,
  type ScenePoint,
} from '@hydra/protocol'
import type { Actor, Surroundings } from '../actor.ts'
import { Companions } from '../companions.ts'
import { seededRandom, seedOf } from '../random.ts'
import type { Behaviour } from '../script/behaviour.ts'

/** The world as a test wants it to answer. */
export interface Stage {
  readonly entities?: readonly SceneEntity[]
  /** What a request is answered with, or refused with. */
  readonly answer?: (route: string, body: unknown) => unknown
  /** Refuses a step. */
  readonly refuseStep?: (to: ScenePoint) => ErrorCode | undefined
}

/** Time passes when somebody waits for it. */
class EagerClock implements ClientClock {
  #nowMs = 0
  monotonicMs(): number {
    return this.#nowMs
  }
  after(delayMs: number, callback: () => void): { cancel(): void } {
    let isCancelled = false
    queueMicrotask(() => {
      if (isCancelled) return
      this.#nowMs += Math.max(delayMs, 0)
      callback()
    })
    return { cancel: () => (isCancelled = true) }
  }
}

/** An actor on a stage that keeps what it was told to do. */
export class Recorder implements Actor {
  readonly name = 'bot1'
  readonly rid = 'r1'
  readonly clock = new EagerClock()
  readonly companions = new Companions()
  readonly done: string[] = []
  /** The same by round. */
  readonly rounds: string[][] = []
  readonly steps: ScenePoint[] = []
  random: () => number
  at: ScenePoint = [5_000, 5_000]
  readonly #stage: Stage
  readonly #abort = new AbortController()

  constructor(seed: number, stage: Stage = {}) {
    this.random = seededRandom(seed)
    this.#stage = stage
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Has a script play some rounds, as a bot does. */
  static async play(script: Behaviour, seed: number, rounds: number, stage: Stage = {}): Promise<Recorder> {
    const recorder = new Recorder(seed, stage)
    for (let round = 0; round < rounds; round++) {
      recorder.random = seededRandom(seedOf(seed, round))
      const from = recorder.done.length
      // As a bot: what is refused ends the round.
      await script.run(recorder).catch((error: unknown) => {
        if (!(error instanceof HydraError)) throw error
      })
      recorder.rounds.push(recorder.done.slice(from))
    }
    return recorder
  }

  stop(): void {
    this.#abort.abort()
  }

  async request(route: { readonly name: string }, body: unknown): Promise<never> {
    this.done.push(`${route.name} ${JSON.stringify(body)}`)
    const answer = this.#stage.answer?.(route.name, body) ?? {}
    if (answer instanceof HydraError) throw answer
    return answer as never
  }

  operate(route: { readonly name: string }, body: unknown): Promise<never> {
    return this.request(route, body)
  }

  async scene(): Promise<Surroundings> {
    const { entities = [] } = this.#stage
    const self: SceneEntity = { i: 1, k: 'p', n: 'bot1', r: this.rid, p: [...this.at] }
    const all = [self, ...entities]
    const info: SceneInfo = {
      scene: 'meadow',
      x: 1,
      t: 1,
      tickMs: 100,
      width: 10_000,
      height: 10_000,
      cellSize: 2_000,
      self: 1,
      at: [...this.at],
    }
    return { info, self, get: (id) => all.find(({ i }) => i === id), entities: () => all.values() }
  }

  async step(to: ScenePoint): Promise<void> {
    const code = this.#stage.refuseStep?.(to)
    if (code !== undefined) throw new HydraError(code, 'Refused.')
    this.at = to
    this.steps.push(to)
  }

  async travel(to: string): Promise<void> {
    this.done.push(`travel ${to}`)
  }

  async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => void this.clock.after(ms, resolve))
  }

  async drop(): Promise<void> {
    this.done.push('drop')
  }

  async logOut(): Promise<void> {
    this.done.push('log out')
  }

  note(what: string): void {
    this.done.push(what)
  }
}
