import type { SceneClosed } from '../scene-view-options.ts'
import { SceneCells } from './scene-cells.ts'

/** More are not kept; the one heard of first is given up. */
const candidatesMax = 4

/** A scene into which the role may be coming. */
export interface Candidate {
  readonly cells: SceneCells
  /** Why the role is out of it again, if it is. */
  closed?: SceneClosed
}

/** What has come of scenes, by key, before the answer that says into which of them the role has come. */
export class SceneCandidates {
  readonly #waitingMax: number
  readonly #candidates = new Map<number, Candidate>()

  /** @param waitingMax as for {@link SceneCells}. */
  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax
  }

  /** The scene of a key, from now on a candidate. */
  of(x: number): Candidate {
    const known = this.#candidates.get(x)
    if (known !== undefined) return known
    const [first] = this.#candidates.keys()
    if (first !== undefined && this.#candidates.size >= candidatesMax) this.#candidates.delete(first)
    const candidate: Candidate = { cells: new SceneCells({ x, waitingMax: this.#waitingMax }) }
    this.#candidates.set(x, candidate)
    return candidate
  }

  /** The scene into which the role has come; all others are forgotten. */
  choose(x: number): Candidate {
    const candidate = this.of(x)
    this.clear()
    return candidate
  }

  clear(): void {
    this.#candidates.clear()
  }
}
