import { createBot, inTurn, rest, wander, type Bot } from '@hydra/bots'
import { createAccountApi } from '@hydra/client'
import { systemClock } from '@hydra/runtime'
import { eventually } from '@hydra/testing'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RestartAudit } from './restart-audit.ts'

/** Options of {@link Newcomers}. */
export interface NewcomersOptions {
  readonly httpUrls: readonly string[]
  readonly audit: RestartAudit
  readonly nameOf: (index: number) => string
  readonly seed: number
  readonly everyMs: number
  readonly patienceMs: number
}

const password = 'correct horse battery'

/** Players that come for the first time, one after the other: each registers, plays a little, logs out, and logs in by its password. */
export class Newcomers {
  readonly #options: NewcomersOptions
  readonly #abort = new AbortController()
  readonly #coming: Promise<void>[] = []
  /** By number: who has done all of it. */
  readonly #welcomed = new Set<number>()
  #running: Promise<void> = Promise.resolve()

  constructor(options: NewcomersOptions) {
    this.#options = options
  }

  /** How many have begun. */
  get count(): number {
    return this.#coming.length
  }

  /** How many have registered, played, logged out and logged in once more. */
  get welcomed(): number {
    return this.#welcomed.size
  }

  /** Waits until one of this number or a later one has done all that they do. @throws TestServerError `TIMEOUT`. */
  async welcomedSince(from: number): Promise<void> {
    await eventually(() => [...this.#welcomed].some((index) => index >= from), {
      timeoutMs: this.#options.patienceMs,
      intervalMs: 50,
    })
  }

  start(): void {
    this.#running = this.#run()
  }

  /** No more of them; resolves when those under way have left, which all their steps' patience bounds. */
  async stop(): Promise<void> {
    this.#abort.abort()
    await this.#running
    await Promise.all(this.#coming)
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort
    while (!signal.aborted) {
      this.#coming.push(this.#come(this.#coming.length))
      await sleep(this.#options.everyMs, undefined, { signal }).catch(() => {})
    }
  }

  /** Never rejects: what fails is a complaint. */
  async #come(index: number): Promise<void> {
    const { httpUrls, audit, nameOf, seed, patienceMs } = this.#options
    const name = nameOf(index)
    const accounts = createAccountApi(httpUrls)
    const bot = createBot({
      httpUrl: httpUrls,
      name,
      seed: seed + index,
      clock: systemClock,
      patienceMs,
      token: async () => (await accounts.register({ username: name, password })).token,
      script: inTurn(wander({ reachCm: 300 }), rest(100, 300)),
      watch: audit.watch(name),
    })
    bot.start()
    try {
      await this.#arrived(bot)
      await bot.stop({ timeoutMs: patienceMs })
      await accounts.login({ username: name, password })
      this.#welcomed.add(index)
    } catch (error) {
      audit.complain(`newcomer ${name}: ${String(error)}`)
    }
    for (const defect of bot.stats.defects) audit.complain(`newcomer ${name}: ${String(defect)}`)
  }
  /** @throws Error when it has not come in time; it is stopped then. */
  async #arrived(bot: Bot): Promise<void> {
    const { patienceMs } = this.#options
    const timer = new AbortController()
    const late = sleep(patienceMs, false, { signal: timer.signal })
    late.catch(() => {})
    const hasArrived = await Promise.race([bot.arrived(), late])
    timer.abort()
    if (hasArrived) return
    await bot.stop({ logOut: false })
    throw new Error(`has not arrived within ${patienceMs} ms`)
  }
}
