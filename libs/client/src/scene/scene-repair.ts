import { HydraError, routes } from '@hydra/protocol'
import type { ClientClock } from '../client-clock.ts'
import type { GameClient } from '../game-client.ts'
import { backoffMs, Pause } from './pauses.ts'

const { resync } = routes.game.scene

/** Requests in a row that have not helped; then {@link SceneRepairOptions.onError} is told. */
const attemptsMax = 8
/** Rest after that. */
const restMs = 10_000
/** Who was right for so long begins with short pauses again. */
const calmMs = 10_000

/** What a repair needs. */
export interface SceneRepairOptions {
  readonly client: Pick<GameClient, 'request'>
  readonly clock: ClientClock
  readonly random: () => number
  /** Key of the scene whose view is not what it should be; `undefined`: nothing is to be done. */
  readonly brokenScene: () => number | undefined
  /** The server takes the role to be in another scene, or in none: it has to enter. */
  readonly onElsewhere: () => void
  readonly onError: (error: HydraError) => void
}

/** Has a view that has missed something sent again: one request at a time, with growing pauses while that does not help. */
export class SceneRepair {
  readonly #options: SceneRepairOptions
  readonly #pause: Pause
  #isRunning = false
  #attempts = 0
  #endedAtMs = -Infinity
  #restUntilMs = -Infinity

  constructor(options: SceneRepairOptions) {
    this.#options = options
    this.#pause = new Pause(options.clock)
  }

  /** Begins after `delayMs`, if the view is broken by then; does nothing while it is at it, or rests. */
  begin(delayMs: number): void {
    const nowMs = this.#options.clock.monotonicMs()
    if (this.#isRunning || nowMs < this.#restUntilMs) return
    if (nowMs - this.#endedAtMs > calmMs) this.#attempts = 0
    this.#isRunning = true
    void this.#run(this.#attempts === 0 ? delayMs : Math.max(delayMs, this.#backoffMs()))
  }

  /** Looks at once whether the view is still broken. */
  wake(): void {
    this.#pause.end()
  }

  /** Forgets what has failed. */
  reset(): void {
    this.#attempts = 0
    this.#restUntilMs = -Infinity
  }

  /** Forgets what has failed, and asks at once. */
  again(): void {
    this.reset()
    this.#pause.end()
    this.begin(0)
  }

  /** One request after the other until it is no longer broken, or it cannot go on. Never rejects. */
  async #run(delayMs: number): Promise<void> {
    const { client, clock, brokenScene, onElsewhere, onError } = this.#options
    let pauseMs = delayMs
    for (;;) {
      if (pauseMs > 0) await this.#pause.wait(pauseMs)
      const scene = brokenScene()
      if (scene === undefined) break
      this.#attempts += 1
      try {
        const { x } = await client.request(resync, {})
        if (x !== scene && brokenScene() === scene) {
          onElsewhere()
          break
        }
        if (this.#attempts >= attemptsMax) {
          throw new HydraError(
            'TIMEOUT',
            `${this.#attempts} times a scene was sent again without being complete.`,
          )
        }
      } catch (thrown) {
        const error = HydraError.from(thrown)
        if (brokenScene() !== scene) break
        if (error.code === 'NOT_IN_SCENE') {
          onElsewhere()
          break
        }
        // Of a connection that is lost, only who connects again knows when to go on.
        const isConnectionLost = error.code === 'CONNECTION_CLOSED'
        if (isConnectionLost || !error.retryable || this.#attempts >= attemptsMax) {
          this.#attempts = 0
          this.#restUntilMs = isConnectionLost ? Infinity : clock.monotonicMs() + restMs
          this.#isRunning = false
          return onError(error)
        }
      }
      // What was asked for is on its way; the wait ends when it is there.
      pauseMs = Math.max(sentMs, this.#backoffMs())
    }
    this.#endedAtMs = clock.monotonicMs()
    this.#isRunning = false
  }

  #backoffMs(): number {
    return backoffMs(this.#attempts, this.#options.random)
  }
}

/** So long a view that was asked for, and answered to be sent, may be on its way. */
export const sentMs = 1_000
