import type { Scene, SceneStep } from '../scene.ts'
import type { SceneViewers } from './viewers.ts'

/** Times of an instance of a scene, in monotonic milliseconds. */
export interface HostedSceneTimes {
  /** Since when nobody is in it; `undefined` while somebody is. */
  emptySinceMs: number | undefined
  /** Since when another server is the one to have it. */
  elsewhereSinceMs: number | undefined
}

/** One instance of a scene on this server: the rules, and who looks at it. */
export class HostedScene {
  readonly scene: Scene
  readonly viewers: SceneViewers
  readonly times: HostedSceneTimes
  /** Steps in a row that failed. */
  failures = 0

  constructor(scene: Scene, viewers: SceneViewers, nowMs: number) {
    this.scene = scene
    this.viewers = viewers
    this.times = { emptySinceMs: nowMs, elsewhereSinceMs: undefined }
  }

  /** Id of its row in the table of scenes. */
  get id(): string {
    return this.scene.row.id
  }

  /** One step of the rules, sent to those who look at it. @throws what the rules throw, which is a fault in them. */
  step(nowMs: number): SceneStep {
    const step = this.scene.step(nowMs)
    this.viewers.afterTick(step.deltas)
    if (this.scene.players > 0) this.times.emptySinceMs = undefined
    else this.times.emptySinceMs ??= nowMs
    return step
  }
}
