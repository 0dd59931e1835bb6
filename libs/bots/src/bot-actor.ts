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
import { Repeats, sessionOver } from './repeats.ts'
import { Seat } from './seat.ts'
import { BotStats } from './stats/bot-stats.ts'
import { pause } from './waiting.ts'

const { bag, scene } = routes.game
const { enter } = routes.game.role
const { logout } = routes.gate.session
const defaultPassword = 'correct horse battery'
const retryMinMs = 50
const retryMaxMs = 1_000
/** Times that an operation is sent, at the least, before its failure is final. */
const operationAttemptsMin = 12
/** What behaviours play with: every request goes through here, is timed, and what it is refused is counted. */
export class BotActor implements Actor {
  readonly stats = new BotStats()
  readonly companions = new Companions()
  readonly #identity: BotIdentity
  readonly #seat: Seat
  readonly #repeats: Repeats
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
      staysToTheEnd: identity.staysToTheEnd ?? false,
      onClient: (client) => this.#listen(client),
      onClosed: (reason) => identity.watch?.onClosed?.(reason),
    })
    this.#repeats = new Repeats({
      clock: identity.clock,
      watch: identity.watch,
      patienceMs: identity.patienceMs ?? 0,
      backOff: () => this.backOff(),
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
  present(): Promise<GameClient> {
    return this.#repeats.repeat(enter.name, () => this.#present())
  }

  request<R extends Route<RouteName, 'request'>>(route: R, body: RequestOf<R>): Promise<ResponseOf<R>> {
    return this.#repeats.repeat(route.name, (last) => this.#send(route, body, last))
  }

  async operate<R extends OperationRoute>(
    route: R,
    body: Omit<RequestOf<R>, 'operation'>,
  ): Promise<ResponseOf<R> | undefined> {
    this.#lastOperation ??= (await this.#often(bag.get, () => this.#send(bag.get, {}))).lastOperation
    const numbered = { ...body, operation: ++this.#lastOperation } as RequestOf<R>
    const response = await this.#often(route, async (last) => {
      try {
        return await this.#send(route, numbered, last)
      } catch (error) {
        if (last === undefined || !HydraError.hasCode(error, 'OPERATION_REPEATED')) throw error
        this.#identity.watch?.onAnswer?.(route.name, numbered, undefined)
        return undefined
      }
    })
    if (route.name === scene.pick.name) this.stats.happened('loot')
    return response
  }

  scene(): Promise<SceneView> {
    return this.#repeats.repeat(scene.enter.name, () => this.#scene())
  }

  async step(to: ScenePoint): Promise<void> {
    await this.#repeats.repeat(scene.move.name, async () => {
      const view = await this.#scene()
      return this.#timed(scene.move, { to }, () => view.move(to))
    })
    this.stats.happened('steps')
  }

  async travel(to: string): Promise<void> {
    await this.#repeats.repeat(scene.travel.name, async () => {
      const view = await this.#scene()
      return this.#timed(scene.travel, { to }, () => view.travel(to))
    })
    this.stats.happened('arrivals')
  }

  pause(ms: number): Promise<void> {
    return pause(this.clock, ms, this.signal)
  }

  drop(): Promise<void> {
    return this.#seat.drop()
  }

  logOut(): Promise<void> {
    return this.#repeats.repeat(logout.name, () => this.#coming(() => this.#seat.logOut()))
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

  #often<T>(route: Route, send: (last: HydraError | undefined) => Promise<T>): Promise<T> {
    return this.#repeats.repeat(route.name, send, operationAttemptsMin)
  }

  /** Once. */
  async #send<R extends Route<RouteName, 'request'>>(
    route: R,
    body: RequestOf<R>,
    last?: HydraError,
  ): Promise<ResponseOf<R>> {
    const client = await this.#present()
    if (last?.code === 'NOT_IN_SCENE') await this.#scene()
    return this.#timed(route, body, () => client.request(route, body))
  }

  #present(): Promise<GameClient> {
    return this.#coming(() => this.#seat.client())
  }

  #scene(): Promise<SceneView> {
    return this.#coming(() => this.#seat.scene())
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
