import { cellDigest, type SceneChange, type SceneDelta, type SceneEntity } from '@hydra/protocol'

/** What has happened in a cell since the last step ended. */
export class CellChanges {
  readonly entered: SceneEntity[] = []
  /** Changes, and the values to which they lead. */
  readonly changed: { readonly change: SceneChange; readonly now: SceneEntity }[] = []
  readonly gone: number[] = []
  readonly actions: NonNullable<SceneDelta['a']> = []
}

/** One cell as its deltas have told it: what it was like when the last step ended, whatever has happened since. */
export class SyncedCell {
  readonly #entities = new Map<number, SceneEntity>()
  #lastChange = 0
  #digest: number | undefined

  /** Step of the last delta; 0 before the first. */
  get lastChange(): number {
    return this.#lastChange
  }

  /** Digest of the content; computed again only after a change. */
  get digest(): number {
    this.#digest ??= cellDigest(this.#entities.values())
    return this.#digest
  }

  /** The content, as a copy of its own. */
  entities(): SceneEntity[] {
    return [...this.#entities.values()]
  }

  /** Takes the changes of step `tick` over, and says them as the delta of the step. */
  advance(key: number, cell: number, tick: number, changes: CellChanges): SceneDelta {
    const { entered, changed, gone, actions } = changes
    const delta = {
      x: key,
      c: cell,
      t: tick,
      p: this.#lastChange,
      ...(entered.length === 0 ? {} : { e: entered }),
      ...(changed.length === 0 ? {} : { u: changed.map(({ change }) => change) }),
      ...(gone.length === 0 ? {} : { g: gone }),
      ...(actions.length === 0 ? {} : { a: actions }),
    }
    for (const id of gone) this.#entities.delete(id)
    for (const entity of entered) this.#entities.set(entity.i, entity)
    for (const { now } of changed) this.#entities.set(now.i, now)
    this.#lastChange = tick
    this.#digest = undefined
    return delta
  }
}
