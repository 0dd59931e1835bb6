import { createSceneView, type GameClient, type SceneView } from '@hydra/client'
import { nearest, walkTo, type Walker } from '@hydra/bots'
import { HydraError, pushes, routes, type PayloadOf, type SceneEntity } from '@hydra/protocol'
import { delay, systemClock } from '@hydra/runtime'

const { attack } = routes.game.scene
const waitMaxMs = 10_000
/** Somebody else may be quicker. */
const targetsMax = 10
/** Not to be thrown at whoever looks on: the server says when the next hit may be. */
const notYet: ReadonlySet<string> = new Set(['TOO_SOON', 'OUT_OF_REACH'])
const hitReachCm = 200
/** A little more than the server asks for: who is too quick is refused, and that is logged. */
const betweenHitsMs = 900

/** What somebody got for something. */
export type Reward = PayloadOf<typeof pushes.game.role.rewarded>

/** A player of the story in the world: one client, and what it sees. */
export class Hero implements Walker {
  readonly client: GameClient
  readonly rid: string
  readonly view: SceneView
  readonly clock = systemClock
  readonly signal: Walker['signal'] = new AbortController().signal
  readonly #looks = new Set<() => void>()

  constructor(client: GameClient, rid: string) {
    this.client = client
    this.rid = rid
    this.view = createSceneView({ client, onChange: () => this.#look() })
  }

  async scene(): Promise<SceneView> {
    return this.view
  }

  async step(to: SceneEntity['p']): Promise<void> {
    await this.view.move(to)
  }

  pause(ms: number): Promise<void> {
    return delay(systemClock, Math.max(ms, 0))
  }

  /** The first entity in view, now or soon, that fits. @throws Error after ten seconds that says what was waited for. */
  sees(what: string, fits: (entity: SceneEntity) => boolean): Promise<SceneEntity> {
    return this.#waitFor(`see ${what}`, (done) => {
      const look = () => {
        const found = [...this.view.entities()].find(fits)
        if (found !== undefined) done(found)
      }
      this.#looks.add(look)
      look()
      return () => this.#looks.delete(look)
    })
  }

  /** The next reward for something. @throws Error after ten seconds. */
  isRewarded(reason: Reward['reason']): Promise<Reward> {
    return this.#waitFor(`get the reward of a ${reason}`, (done) =>
      this.client.on(pushes.game.role.rewarded, (reward) => {
        if (reward.reason === reason) done(reward)
      }),
    )
  }

  /** Walks to the nearest monster and hits it until it is dead; answers it. @throws Error when there is none to be had. */
  async kills(): Promise<SceneEntity> {
    await this.sees('a monster', isMonster)
    for (let tried = 0; tried < targetsMax; tried++) {
      const [target] = await nearest(this, isMonster)
      if (target !== undefined && (await this.#fights(target.i))) return target
    }
    throw new Error('Somebody else was quicker with every monster.')
  }

  async #fights(id: number): Promise<boolean> {
    for (;;) {
      const target = this.view.get(id)
      if (target === undefined || !isMonster(target)) return false
      await walkTo(this, target.p, hitReachCm)
      try {
        const { left } = await this.client.request(attack, { target: id })
        // Also after the last one: the next monster may be near.
        await this.pause(betweenHitsMs)
        if (left === 0) return true
      } catch (error) {
        const { code } = HydraError.from(error)
        if (code === 'TARGET_NOT_FOUND' || code === 'TARGET_INVALID') return false
        if (!notYet.has(code)) throw error
        await this.pause(200)
      }
    }
  }

  #look(): void {
    for (const look of this.#looks) look()
  }

  #waitFor<T>(what: string, begin: (done: (value: T) => void) => () => unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      let stop: (() => unknown) | undefined
      let isOver = false
      const end = () => {
        isOver = true
        timer.cancel()
        stop?.()
      }
      const timer = systemClock.after(waitMaxMs, () => {
        end()
        reject(new Error(`Expected to ${what} within 10 s.`))
      })
      stop = begin((value) => {
        end()
        resolve(value)
      })
      // It may have been there at once.
      if (isOver) stop()
    })
  }
}

const isMonster = ({ k, s }: SceneEntity): boolean => k === 'm' && s !== 'd'
