import { createBot, type Bot, type BotOptions, type StopOptions } from './bot.ts'
import { seedOf } from './random.ts'
import type { Behaviour } from './script/behaviour.ts'
import { BotStats } from './stats/bot-stats.ts'
import { pause } from './waiting.ts'

/** What a crowd is made of. */
export interface BotCrowdOptions extends Omit<BotOptions, 'name' | 'script' | 'token' | 'gateUrl' | 'watch'> {
  readonly bots: number
  /** Bots that begin in a second, so that their registrations do not come all at once. Default 20. */
  readonly perSecond?: number
  /** The same for all, or by number. */
  readonly script: Behaviour | ((index: number) => Behaviour)
  /** Names of accounts and roles: 3 to 16 letters and digits, each another one. */
  readonly nameOf: (index: number) => string
  /** What differs between bots besides. */
  readonly each?: (
    index: number,
  ) => Partial<Pick<BotOptions, 'token' | 'gateUrl' | 'staysToTheEnd' | 'watch'>>
}

/** How a crowd does at a moment, for a line of progress. */
export interface CrowdProgress {
  readonly bots: number
  readonly started: number
  readonly playing: number
}

const perSecondUsual = 20
const stoppingAtOnce = 64

/**
 * Many bots: they begin one after the other, each with a seed of its own that follows from the crowd's.
 *
 * @example
 * const crowd = new BotCrowd({ httpUrl, bots: 200, seed: 7, script: villager(), nameOf: (n) => `bot${n}`, clock })
 * await crowd.start()
 * console.log(crowd.progress, crowd.stats().figures())
 * await crowd.stop()
 */
export class BotCrowd {
  readonly bots: readonly Bot[]
  readonly #options: BotCrowdOptions
  readonly #stopping = new AbortController()
  #started = 0
  #starting: Promise<void> | undefined

  constructor(options: BotCrowdOptions) {
    this.#options = options
    const { bots, perSecond: _, script, nameOf, each, seed, ...shared } = options
    this.bots = Array.from({ length: bots }, (_, index) =>
      createBot({
        ...shared,
        ...each?.(index),
        name: nameOf(index),
        seed: seedOf(seed, index),
        script: typeof script === 'function' ? script(index) : script,
      }),
    )
  }

  get progress(): CrowdProgress {
    const playing = this.bots.filter(({ isPlaying }) => isPlaying).length
    return { bots: this.bots.length, started: this.#started, playing }
  }

  /** Begins with all of them at the rate of the options; resolves when the last one has begun, not when it has arrived. */
  start(): Promise<void> {
    return (this.#starting ??= this.#startAll())
  }

  /** Waits for all to have come into the game. Answers who has not, after `timeoutMs` or a stop. */
  async arrived(timeoutMs: number): Promise<readonly string[]> {
    const missing = new Set(this.bots.map(({ name }) => name))
    const all = this.bots.map(async (bot) => {
      if (await bot.arrived()) missing.delete(bot.name)
    })
    const done = new AbortController()
    await Promise.race([Promise.all(all), pause(this.#options.clock, timeoutMs, done.signal)])
    done.abort()
    return [...missing]
  }

  /** Has all of them stand still, in the game. */
  async hold(): Promise<void> {
    await Promise.all(this.bots.map((bot) => bot.hold()))
  }

  /** Lets all of them go on. */
  resume(): void {
    for (const bot of this.bots) bot.resume()
  }

  /** What all of them have done so far, together. */
  stats(): BotStats {
    const sum = new BotStats()
    for (const { stats } of this.bots) sum.add(stats)
    return sum
  }

  /** Stops all of them, many at a time. Answers who could not log out, and why. */
  async stop(options: StopOptions = {}): Promise<readonly string[]> {
    this.#stopping.abort()
    await this.#starting
    const failures: string[] = []
    // One iterator for all workers: each takes the next bot that nobody has taken.
    const bots = this.bots.values()
    const work = async () => {
      for (const bot of bots) {
        try {
          await bot.stop(options)
        } catch (error) {
          failures.push(`${bot.name}: ${String(error)}`)
        }
      }
    }
    await Promise.all(Array.from({ length: stoppingAtOnce }, work))
    return failures
  }

  async #startAll(): Promise<void> {
    const { clock, perSecond = perSecondUsual } = this.#options
    const { signal } = this.#stopping
    for (const [index, bot] of this.bots.entries()) {
      if (index > 0) await pause(clock, 1_000 / perSecond, signal)
      if (signal.aborted) return
      bot.start()
      this.#started++
    }
  }
}
