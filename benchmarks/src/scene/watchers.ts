import { BotCrowd, wander } from '@hydra/bots'
import type { SceneEntity } from '@hydra/protocol'
import { systemClock } from '@hydra/runtime'
import { eventually } from '@hydra/testing'
import type { Settlers } from './settlers.ts'

/** What the views of some clients show, compared with each other and with where the walkers know that they are. */
export interface SyncFigures {
  /** Cells that were compared, each as often as it is in view. */
  readonly cells: number
  /** Those in which a view shows something else than it should. */
  readonly wrong: number
}

/** How long what is under way may take to arrive when nobody moves any more. */
const settleTimeoutMs = 10_000
const arrivalTimeoutMs = 30_000

/** Real clients with real views, a few among many walkers: they tell whether what is measured is what is right. */
export class Watchers {
  readonly #crowd: BotCrowd

  private constructor(crowd: BotCrowd) {
    this.#crowd = crowd
  }

  /** @throws Error naming those that did not come into the scene. */
  static async open(options: {
    httpUrl: string
    ports: readonly number[]
    settlers: Settlers
    count: number
    seed: number
  }): Promise<Watchers> {
    const { httpUrl, ports, settlers, count, seed } = options
    const crowd = new BotCrowd({
      httpUrl,
      bots: count,
      seed,
      clock: systemClock,
      script: wander(),
      nameOf: (index) => `watcher${index}`,
      each: (index) => ({
        token: async () => (await settlers.account()).token,
        gateUrl: `ws://127.0.0.1:${ports[index % ports.length] ?? 0}`,
      }),
    })
    await crowd.start()
    const missing = await crowd.arrived(arrivalTimeoutMs)
    if (missing.length > 0) throw new Error(`Watchers did not come into the game: ${missing.join(', ')}.`)
    return new Watchers(crowd)
  }

  /** Lets them walk, or has them stand still. */
  walk(): void {
    this.#crowd.resume()
  }

  stand(): Promise<void> {
    return this.#crowd.hold()
  }

  /** What is wrong in their views when everybody stands still; waits for what is under way. */
  async compare(population: readonly SceneEntity[]): Promise<SyncFigures> {
    let figures = this.#look(population)
    await eventually(() => (figures = this.#look(population)).wrong === 0, {
      timeoutMs: settleTimeoutMs,
      intervalMs: 100,
    }).catch((error: unknown) => {
      // What is wrong after all that time is what is reported.
      if (figures.wrong === 0) throw error
    })
    return figures
  }

  async close(): Promise<void> {
    await this.#crowd.stop({ logOut: false })
  }

  #look(population: readonly SceneEntity[]): SyncFigures {
    const placeOf = new Map(population.map(({ r, p }) => [r, p]))
    const digests = new Map<number, number>()
    let [cells, wrong] = [0, 0]
    for (const { view } of this.#crowd.bots) {
      if (view === undefined || !view.inSync) {
        wrong++
        continue
      }
      for (const cell of view.cells) {
        cells++
        // One that is in sync has a digest of each; a number that is none differs from all.
        const digest = view.digest(cell) ?? Number.NaN
        const known = digests.get(cell) ?? digest
        digests.set(cell, known)
        if (known !== digest) wrong++
      }
      for (const { r, p } of view.entities()) {
        const place = placeOf.get(r)
        if (place !== undefined && (place[0] !== p[0] || place[1] !== p[1])) wrong++
      }
    }
    return { cells, wrong }
  }
}
