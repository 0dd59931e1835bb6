import { HydraError, type SceneInfo } from '@hydra/protocol'
import type { ClientClock } from '../client-clock.ts'
import { backoffMs, Pause } from './pauses.ts'

/** Tries of one entrance. */
const attemptsMax = 8

/** By which request a role comes into a scene. */
export type EntranceKind = 'enter' | 'travel'

/** What an entrance needs. */
export interface SceneEntranceOptions {
  readonly clock: ClientClock
  readonly random: () => number
  /** It begins: pushes of a scene that nobody knows yet may be those of the next one. */
  readonly onBegin: (kind: EntranceKind) => void
  /** The role is in this scene. */
  readonly onEntered: (info: SceneInfo) => void
  /** It is over, without success. */
  readonly onFailed: (kind: EntranceKind, error: HydraError) => void
}

/** The one way into a scene: one request at a time, repeated after growing pauses while that can help. */
export class SceneEntrance {
  readonly #options: SceneEntranceOptions
  readonly #pause: Pause
  #underWay: EntranceKind | undefined
  #done: Promise<SceneInfo> | undefined
  #attempts = 0
  #isClosed = false

  constructor(options: SceneEntranceOptions) {
    this.#options = options
    this.#pause = new Pause(options.clock)
  }

  /** What is under way, if anything. */
  get underWay(): EntranceKind | undefined {
    return this.#underWay
  }

  /** Enters; whoever asks for it meanwhile has the same answer. After a travel, if that is under way and fails. */
  async enter(request: () => Promise<SceneInfo>): Promise<SceneInfo> {
    this.#attempts = 0
    this.#pause.end()
    if (this.#underWay === undefined || this.#done === undefined) return this.#begin('enter', request)
    if (this.#underWay === 'enter') return this.#done
    try {
      return await this.#done
    } catch {
      // Whoever travels is told of that; this one wants to enter.
      return this.enter(request)
    }
  }

  /**
   * Goes to another scene: from the one that it enters, if it does so at the moment.
   *
   * @throws HydraError what entering fails with; `BAD_REQUEST` while the role travels already.
   */
  async travel(request: () => Promise<SceneInfo>): Promise<SceneInfo> {
    while (this.#underWay === 'enter') await this.#done
    if (this.#underWay !== undefined) {
      throw new HydraError(
        'BAD_REQUEST',
        'The role is on its way into another scene; wait until it is there.',
      )
    }
    this.#attempts = 0
    return this.#begin('travel', request)
  }

  /** Tries no more. */
  close(): void {
    this.#isClosed = true
    this.#pause.end()
  }

  #begin(kind: EntranceKind, request: () => Promise<SceneInfo>): Promise<SceneInfo> {
    this.#underWay = kind
    this.#options.onBegin(kind)
    this.#done = this.#run(kind, request)
    return this.#done
  }

  async #run(kind: EntranceKind, request: () => Promise<SceneInfo>): Promise<SceneInfo> {
    for (;;) {
      this.#attempts += 1
      try {
        const info = await request()
        this.#underWay = undefined
        this.#options.onEntered(info)
        return info
      } catch (thrown) {
        const error = HydraError.from(thrown)
        if (this.#canTryAgain(error)) {
          await this.#pause.wait(backoffMs(this.#attempts, this.#options.random))
          if (!this.#isClosed) continue
        }
        this.#underWay = undefined
        this.#options.onFailed(kind, error)
        throw error
      }
    }
  }

  #canTryAgain({ retryable, code }: HydraError): boolean {
    // Of a connection that is lost, only who connects again knows when to go on.
    return !this.#isClosed && retryable && code !== 'CONNECTION_CLOSED' && this.#attempts < attemptsMax
  }
}
