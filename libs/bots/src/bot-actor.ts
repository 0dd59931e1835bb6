import type { ClientClock, GameClient, SceneView } from '@hydra/client'
import {
  allPushes,
  HydraError,
  pushes,
  routes,
  type ErrorCode,
  type RequestOf,
  type ResponseOf,
  type Route,
  type RouteName,
  type ScenePoint,
} from '@hydra/protocol'
import type { Actor, OperationRoute } from './actor.ts'
import type { BotIdentity } from './bot-identity.ts'
import { Companions } from './companions.ts'
import { seededRandom, seedOf } from './random.ts'
import { Seat } from './seat.ts'
import { BotStats } from './stats/bot-stats.ts'
import { pause } from './waiting.ts'

const { bag, scene } = routes.game
const defaultPassword = 'correct horse battery'
const retryMinMs = 50
const retryMaxMs = 1_000
/** Times that an operation is sent before its failure is final. */
const operationAttemptsMax = 12
/** Not to be sent again as they are, and yet no defect: the session is over, a new login mends it. */
const sessionOver: ReadonlySet<ErrorCode> = new Set([
  'NOT_LOGGED_IN',
  'ROLE_NOT_ENTERED',
  'SESSION_ENDED',
  'DUPLICATE_LOGIN',
  'TOKEN_EXPIRED',
])

/** What behaviours play with: every request goes through here, is timed, and what it is refused is counted. */
export class BotActor implements Actor {
  readonly stats = new BotStats()
  readonly companions = new Companions()
  readonly #identity: BotIdentity
  readonly #seat: Seat
  /** What decides nothing: which gate, how long to wait before another try. */
  readonly #jitter: () => number
  #round = new AbortController()
  #rounds = 0
  #random: () => number
  #failuresInARow = 0
  #lastOperation: number | undefined

  constructor(identity: BotIdentity) {
    this.#identity = identity
    this.#jitter = seededRandom(~identity.seed)
    this.#random = seededRandom(seedOf(identity.seed, 0))
    this.#seat = new Seat({
      httpUrl: identity.httpUrl,
      name: identity.name,
      password: identity.password ?? defaultPassword,
      token: identity.token,
      gateUrl: identity.gateUrl,
      clock: identity.clock,
      random: this.#jitter,
      stats: this.stats,
      connectOptions: identity.connect ?? {},
      onClient: (client) => this.#listen(client),
    })
  }

  get name(): string {
    return this.#identity.name
  }

  get rid(): string {
    return this.#seat.rid
  }

  get clock(): ClientClock {
    return this.#identity.clock
  }

  get random(): () => number {
    return this.#random
  }

  get signal(): AbortSignal {
    return this.#round.signal
  }

  /** Rounds of the script so far. */
  get rounds(): number {
    return this.#rounds
  }

  /** Whether the role is entered at this moment. */
  get isPlaying(): boolean {
    return this.#seat.isTaken
  }

  /** The world around it, while it is in one. */
  get view(): SceneView | undefined {
    return this.#seat.view
  }

  /** Begins a round: with random numbers of its own, so that what was drawn before it does not matter. */
  beginRound(): void {
    this.#round = new AbortController()
    this.#random = seededRandom(seedOf(this.#identity.seed, this.#rounds++))
  }

  /** Has the present round come to its end soon. */
  endRound(): void {
    this.#round.abort()
  }

  /** Comes into the game, where it is not. @throws HydraError what was answered. */
  async present(): Promise<GameClient> {
    return this.#coming(() => this.#seat.client())
  }

  async request<R extends Route<RouteName, 'request'>>(route: R, body: RequestOf<R>): Promise<ResponseOf<R>> {
    const client = await this.present()
    return this.#timed(route, body, () => client.request(route, body))
  }

  async operate<R extends OperationRoute>(
    route: R,
    body: Omit<RequestOf<R>, 'operation'>,
  ): Promise<ResponseOf<R> | undefined> {
    this.#lastOperation ??= await this.#retried(async () => (await this.request(bag.get, {})).lastOperation)
    const numbered = { ...body, operation: ++this.#lastOperation } as RequestOf<R>
    let isRepeated = false
    const response = await this.#retried(async () => {
      try {
        return await this.request(route, numbered)
      } catch (error) {
        if (!isRepeated || !HydraError.hasCode(error, 'OPERATION_REPEATED')) throw error
        this.#identity.watch?.onAnswer?.(route.name, numbered, undefined)
        return undefined
      } finally {
        isRepeated = true
      }
    })
    if (route.name === scene.pick.name) this.stats.happened('loot')
    return response
  }

  scene(): Promise<SceneView> {
    return this.#coming(() => this.#seat.scene())
  }

  async step(to: ScenePoint): Promise<void> {
    const view = await this.scene()
    await this.#timed(scene.move, { to }, () => view.move(to))
    this.stats.happened('steps')
  }

  async travel(to: string): Promise<void> {
    const view = await this.scene()
    await this.#timed(scene.travel, { to }, () => view.travel(to))
    this.stats.happened('arrivals')
  }

  pause(ms: number): Promise<void> {
    return pause(this.clock, ms, this.signal)
  }

  drop(): Promise<void> {
    return this.#seat.drop()
  }

  logOut(): Promise<void> {
    return this.#coming(() => this.#seat.logOut())
  }

  /** Closes everything for good. */
  close(): Promise<void> {
    return this.#seat.close()
  }

  note(what: string): void {
    this.#identity.watch?.onNote?.(what, this.#rounds)
  }

  /** Waits after a failure: longer each time in a row, a random part of it, so that not all come back at once. */
  backOff(signal?: AbortSignal): Promise<void> {
    const ms = Math.min(retryMinMs * 2 ** this.#failuresInARow++, retryMaxMs)
    return pause(this.clock, ms * (0.5 + this.#jitter() / 2), signal)
  }

  /** Sends it again after what a new try may mend. */
  async #retried<T>(send: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await send()
      } catch (thrown) {
        const error = HydraError.from(thrown)
        const isLost = error.retryable || sessionOver.has(error.code)
        if (!isLost || attempt === operationAttemptsMax) throw error
        await this.backOff()
      }
    }
  }

  async #coming<T>(come: () => Promise<T>): Promise<T> {
    try {
      return await come()
    } catch (error) {
      await this.#refused([], error)
      throw error
    }
  }

  async #timed<T>({ name, errors }: Route, request: unknown, send: () => Promise<T>): Promise<T> {
    const beganAtMs = this.clock.monotonicMs()
    try {
      const response = await send()
      this.#failuresInARow = 0
      this.#identity.watch?.onAnswer?.(name, request, response)
      return response
    } catch (error) {
      await this.#refused(errors, error)
      throw error
    } finally {
      this.stats.answered(name, this.clock.monotonicMs() - beganAtMs)
    }
  }

  async #refused(expected: readonly ErrorCode[], thrown: unknown): Promise<void> {
    const error = HydraError.from(thrown)
    this.stats.refused(error.code)
    if (error.code === 'NOT_IN_SCENE') this.#seat.outOfScene()
    if (sessionOver.has(error.code)) await this.#seat.drop()
    else if (!error.retryable && !expected.includes(error.code)) this.stats.defect(error)
  }

  #listen(client: GameClient): void {
    const { stats } = this
    this.companions.listen(client)
    for (const push of allPushes) {
      client.on(push, (payload) => {
        stats.pushed(push.name)
        this.#identity.watch?.onPush?.(push.name, payload)
      })
    }
    client.on(pushes.game.role.rewarded, ({ reason }) => {
      if (reason === 'kill') stats.happened('kills')
    })
    client.on(pushes.chat.channel.message, () => stats.happened('messages'))
    client.on(pushes.game.scene.closed, ({ reason }) => {
      // After the other reasons the view enters again by itself.
      if (reason === 'left') this.#seat.outOfScene()
    })
  }
}
