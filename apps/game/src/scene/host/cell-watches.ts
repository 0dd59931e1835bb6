import { cellTopic } from './scene-topics.ts'

/** A cell that somebody watches. */
export interface WatchedCell {
  readonly cell: number
  readonly topic: string
  /** Step in which something about it was sent last. */
  sentTick: number
}

/** Which cells of a scene are watched, so that of the others nothing is sent. */
export class CellWatches {
  readonly #key: number
  readonly #watched = new Map<number, WatchedCell & { watchers: number }>()

  /** @param key the scene's key */
  constructor(key: number) {
    this.#key = key
  }

  /** The watched cells, for a step's look at each. */
  all(): Iterable<WatchedCell> {
    return this.#watched.values()
  }

  get(cell: number): WatchedCell | undefined {
    return this.#watched.get(cell)
  }

  /** Somebody watches `cells` instead of `former`; `tick` is the present step. */
  replace(former: readonly number[], cells: readonly number[], tick: number): void {
    for (const cell of cells) {
      const known = this.#watched.get(cell)
      if (known !== undefined) known.watchers += 1
      else this.#watched.set(cell, { cell, topic: cellTopic(this.#key, cell), sentTick: tick, watchers: 1 })
    }
    for (const cell of former) {
      const known = this.#watched.get(cell)
      if (known === undefined) continue
      known.watchers -= 1
      if (known.watchers === 0) this.#watched.delete(cell)
    }
  }
}
