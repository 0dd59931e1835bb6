import { HydraError, type SceneChange, type SceneEntity, type ScenePoint } from '@hydra/protocol'
import type { SceneState } from '../state/scene-state.ts'

/** What players and monsters have in common: an entity with a place and health. The state holds the values, not this. */
export class Body {
  readonly id: number
  readonly #state: SceneState

  constructor(state: SceneState, entity: Omit<SceneEntity, 'i'>) {
    this.#state = state
    this.id = state.add(entity).i
  }

  /**
   * As it is now.
   *
   * @throws HydraError `INTERNAL` after {@link remove}: a rule has kept it for too long.
   */
  get entity(): SceneEntity {
    const entity = this.#state.get(this.id)
    if (entity === undefined) throw new HydraError('INTERNAL', `Entity ${this.id} has left the scene.`)
    return entity
  }

  get at(): ScenePoint {
    return this.entity.p
  }

  /** What is left of its health. */
  get health(): number {
    return this.entity.h?.[0] ?? 0
  }

  get healthMax(): number {
    return this.entity.h?.[1] ?? 0
  }

  get isDead(): boolean {
    return this.health === 0
  }

  change(change: Omit<SceneChange, 'i'>): void {
    this.#state.change(this.id, change)
  }

  moveTo([x, y]: ScenePoint): void {
    this.change({ p: [x, y] })
  }

  /** Takes health, down to 0; answers what is left. */
  hurt(damage: number): number {
    const left = Math.max(0, this.health - damage)
    this.change({ h: [left, this.healthMax] })
    return left
  }

  /** Gives health, up to all of it. */
  heal(health: number): void {
    this.change({ h: [Math.min(this.healthMax, this.health + health), this.healthMax] })
  }

  remove(): void {
    this.#state.remove(this.id)
  }
}
