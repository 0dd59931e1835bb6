import type { GameClient } from '@hydra/client'
import { HydraError, routes, type ErrorCode } from '@hydra/protocol'
import { delay, type Clock } from '@hydra/runtime'
import { FirstSuccess } from './first-success.ts'
import type { Ledger } from './ledger.ts'
import type { Seat } from './seat.ts'

/** What a {@link Player} needs. */
export interface PlayerOptions {
  readonly seat: Seat
  readonly ledger: Ledger
  readonly clock: Clock
  readonly random: () => number
  /** Between an answer and the next update. */
  readonly pauseMs: number
  /** Whether it also talks in the world channel. */
  readonly talks: boolean
}

const { settings } = routes.game
const retryMinMs = 50
const retryMaxMs = 500
/** Seldom: everybody hears each message, and it is the updates that are to be the load. */
const talkEveryMs = 500
/** Between two looks at what the server has, besides one after each failure. */
const updatesPerLook = 10
/**
 * Updates between two breaks, at least and at most. Whoever has logged out has its role in the database and nowhere
 * else: what is lost there shows when it comes back, where another update would have covered it up.
 */
const updatesPerBreak = { min: 20, max: 80 }
const breakMaxMs = 500
const defectsMax = 20
/** Not to be sent again as they are, and yet no defect: the session is over, a new login mends it. */
const sessionOver: ReadonlySet<ErrorCode> = new Set(['NOT_LOGGED_IN', 'ROLE_NOT_ENTERED', 'SESSION_ENDED'])

/**
 * A client that changes its role without end, one update at a time, each noted in its ledger; now and then it logs out
 * and comes back.
 */
export class Player {
  /** Failed attempts by code, those to come back included. */
  readonly failures = new Map<ErrorCode, number>()
  /** The first errors that no client may be answered with, whatever dies: not retryable, and no end of a session. */
  readonly defects: HydraError[] = []
  readonly updated = new FirstSuccess()
  readonly talked = new FirstSuccess()
  readonly #options: PlayerOptions
  readonly #stop = new AbortController()
  #running: Promise<unknown> = Promise.resolve()
  #failuresInARow = 0
  #untilLook = updatesPerLook
  #untilBreak: number

  constructor(options: PlayerOptions) {
    this.#options = options
    this.#untilBreak = this.#drawBreak()
  }

  get ledger(): Ledger {
    return this.#options.ledger
  }

  get talks(): boolean {
    return this.#options.talks
  }

  start(): void {
    const { talks } = this.#options
    this.#running = Promise.all([this.#play(), ...(talks ? [this.#talk()] : [])])
  }

  /**
   * Sends nothing more once what is under way has been answered, logs out, and closes.
   *
   * @throws HydraError when the logout has failed for `timeoutMs`.
   */
  async stop(timeoutMs: number): Promise<void> {
    const { clock, seat } = this.#options
    this.#stop.abort()
    await this.#running
    const deadlineMs = clock.monotonicMs() + timeoutMs
    for (;;) {
      try {
        const client = await seat.take()
        await client.request(routes.gate.session.logout, {})
        break
      } catch (error) {
        await this.#failed(error)
        if (clock.monotonicMs() >= deadlineMs) throw error
      }
    }
    await seat.leave()
  }

  async #play(): Promise<void> {
    const { seat, pauseMs } = this.#options
    while (!this.#stop.signal.aborted) {
      try {
        const client = await seat.take()
        if (this.#untilLook <= 0) await this.#look(client)
        await this.#update(client)
        this.#failuresInARow = 0
        if (this.#untilBreak <= 0) await this.#takeBreak(client)
        else await this.#pause(pauseMs)
      } catch (error) {
        this.#untilLook = 0
        await this.#failed(error)
      }
    }
  }

  async #update(client: GameClient): Promise<void> {
    const { ledger, clock } = this.#options
    const n = ledger.next()
    const beganAtMs = clock.monotonicMs()
    try {
      const answer = await client.request(settings.set, { changes: ledger.changesOf(n) })
      ledger.acknowledge(n, answer)
    } catch (error) {
      ledger.fail(n, HydraError.from(error).code)
      throw error
    }
    this.#untilLook--
    this.#untilBreak--
    this.updated.note(beganAtMs, clock.monotonicMs())
  }

  async #look(client: GameClient): Promise<void> {
    this.#options.ledger.see('get', await client.request(settings.get, {}))
    this.#untilLook = updatesPerLook
  }

  /** Logs out, which is answered when the role is saved, and comes back a little later. */
  async #takeBreak(client: GameClient): Promise<void> {
    const { seat, random } = this.#options
    await client.request(routes.gate.session.logout, {})
    this.#untilBreak = this.#drawBreak()
    this.#untilLook = 0
    await seat.leave()
    await this.#pause(random() * breakMaxMs)
  }

  #drawBreak(): number {
    const { min, max } = updatesPerBreak
    return min + Math.floor(this.#options.random() * (max - min))
  }

  async #talk(): Promise<void> {
    const { seat, clock } = this.#options
    for (; !this.#stop.signal.aborted; await this.#pause(talkEveryMs)) {
      const { client } = seat
      if (client === undefined) continue
      const beganAtMs = clock.monotonicMs()
      try {
        await client.request(routes.chat.channel.send, { channel: 'world', text: 'still here' })
        this.talked.note(beganAtMs, clock.monotonicMs())
      } catch (error) {
        if (HydraError.from(error).code === 'CHAT_NOT_JOINED') await this.#join(client)
        else this.#count(HydraError.from(error))
      }
    }
  }

  async #join(client: GameClient): Promise<void> {
    try {
      await client.request(routes.chat.channel.join, { channel: 'world' })
    } catch (error) {
      this.#count(HydraError.from(error))
    }
  }

  async #failed(thrown: unknown): Promise<void> {
    const error = HydraError.from(thrown)
    this.#count(error)
    if (sessionOver.has(error.code)) await this.#options.seat.leave()
    const pauseMs = Math.min(retryMinMs * 2 ** this.#failuresInARow++, retryMaxMs)
    await this.#pause(pauseMs * (0.5 + this.#options.random() / 2))
  }

  #count(error: HydraError): void {
    this.failures.set(error.code, (this.failures.get(error.code) ?? 0) + 1)
    if (error.retryable || sessionOver.has(error.code) || this.defects.length === defectsMax) return
    this.defects.push(error)
  }

  /** Ends early when the player is to stop, but not while it tries to log out. */
  async #pause(ms: number): Promise<void> {
    const { signal } = this.#stop
    if (signal.aborted) return delay(this.#options.clock, ms)
    await delay(this.#options.clock, ms, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }
}
