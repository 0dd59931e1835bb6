import type { SceneView } from '@hydra/client'
import { HydraError } from '@hydra/protocol'
import { BotActor } from './bot-actor.ts'
import type { BotIdentity } from './bot-identity.ts'
import type { Behaviour } from './script/behaviour.ts'
import type { BotStats } from './stats/bot-stats.ts'

/** Who a bot is and what it does. */
export interface BotOptions extends BotIdentity {
  /** What it does, over and over, each time with random numbers of its own. */
  readonly script: Behaviour
}

/** How a bot is stopped. */
export interface StopOptions {
  /** How long the logout is tried. Default 10,000. */
  readonly timeoutMs?: number
  /** Whether it logs out, which saves its role, or only closes its connection. Default `true`. */
  readonly logOut?: boolean
}

/**
 * A scripted player: comes into the game, does what its script says until it is stopped, and comes back whenever it was
 * lost. It behaves as an honest client does, and whatever it is refused is counted, not thrown.
 *
 * @example
 * const script = oneOf([[3, wander()], [1, talk()]])
 * const bot = createBot({ httpUrl, name: 'bot1', seed: 7, script, clock: systemClock })
 * bot.start()
 * …
 * await bot.stop()
 */
export const createBot = (options: BotOptions): Bot => new Bot(options)

/** A moment that others wait for. */
interface Moment {
  readonly come: Promise<void>
  readonly now: () => void
}

/** Made by {@link createBot}. */
export class Bot {
  /** What it plays with, for whoever plays in its place while it stands still. */
  readonly actor: BotActor
  readonly #script: Behaviour
  readonly #firstArrival = moment()
  readonly #stopped = moment()
  #isStopping = false
  #hasArrived = false
  #running: Promise<void> | undefined
  #hold: { readonly still: Moment; readonly over: Moment } | undefined

  constructor({ script, ...identity }: BotOptions) {
    this.#script = script
    this.actor = new BotActor(identity)
  }

  get name(): string {
    return this.actor.name
  }

  /** Its role; `''` before it has entered for the first time. */
  get rid(): string {
    return this.actor.rid
  }

  get stats(): BotStats {
    return this.actor.stats
  }

  /** Whether its role is entered at this moment. */
  get isPlaying(): boolean {
    return this.actor.isPlaying
  }

  /** The world around it, while it is in one. */
  get view(): SceneView | undefined {
    return this.actor.view
  }

  /** Begins; once. */
  start(): void {
    this.#running ??= this.#run()
  }

  /** Resolves when it has come into the game for the first time; `false` if it was stopped before. */
  async arrived(): Promise<boolean> {
    await Promise.race([this.#firstArrival.come, this.#stopped.come])
    return this.#hasArrived
  }

  /** Has it stand still, in the game; resolves when what it was doing has come to its end. */
  async hold(): Promise<void> {
    if (this.#running === undefined || this.#isStopping) return
    this.#hold ??= { still: moment(), over: moment() }
    this.actor.endRound()
    await this.#hold.still.come
  }

  /** Lets it go on. */
  resume(): void {
    this.#hold?.still.now()
    this.#hold?.over.now()
    this.#hold = undefined
  }

  /** Ends its script, logs out and closes. @throws HydraError when the logout has failed for all that time; it is closed all the same. */
  async stop({ timeoutMs = 10_000, logOut = true }: StopOptions = {}): Promise<void> {
    this.#isStopping = true
    this.actor.endRound()
    this.resume()
    await this.#running
    this.#stopped.now()
    try {
      if (logOut && this.rid !== '') await this.#logOut(timeoutMs)
    } finally {
      await this.actor.close()
    }
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      this.#hold?.still.now()
      await this.#hold?.over.come
      if (this.#isStopping) break
      this.actor.beginRound()
      await this.#playRound()
    }
  }

  async #playRound(): Promise<void> {
    const { actor } = this
    try {
      await actor.present()
      this.#hasArrived = true
      this.#firstArrival.now()
      await this.#script.run(actor)
    } catch (error) {
      // What a server has refused was counted where its answer came.
      if (!(error instanceof HydraError)) this.stats.defect(HydraError.from(error))
      await actor.backOff(actor.signal)
    }
  }

  async #logOut(timeoutMs: number): Promise<void> {
    const { clock } = this.actor
    const deadlineMs = clock.monotonicMs() + timeoutMs
    for (;;) {
      try {
        return await this.actor.logOut()
      } catch (error) {
        if (clock.monotonicMs() >= deadlineMs) throw error
        await this.actor.backOff()
      }
    }
  }
}

function moment(): Moment {
  let now: () => void = () => {}
  const come = new Promise<void>((resolve) => {
    now = resolve
  })
  return { come, now }
}
