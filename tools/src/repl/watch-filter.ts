import { allPushes } from '@hydra/protocol'
import { LineError } from './line-error.ts'

/** What a scene sends with each of its steps: nobody can read that. */
const streams: ReadonlySet<string> = new Set(['game.scene.delta', 'game.scene.beat', 'game.scene.view'])

/** Which pushes are shown. */
export class WatchFilter {
  #mode: 'on' | 'all' | 'off' | 'names' = 'on'
  #names: readonly string[] = []

  /**
   * Changes what is shown, as `watch` says it.
   *
   * @throws LineError when no push begins with one of the names.
   * @example filter.set(['chat.'])
   */
  set(args: readonly string[]): void {
    const [only = ''] = args
    if (args.length === 1 && (only === 'on' || only === 'all' || only === 'off')) {
      this.#mode = only
      return
    }
    const unknown = args.find((name) => !allPushes.some((push) => push.name.startsWith(name)))
    if (unknown !== undefined) {
      throw new LineError(
        `No push begins with "${unknown}"; there are ${allPushes.map(({ name }) => name).join(', ')}.`,
      )
    }
    this.#mode = 'names'
    this.#names = args
  }

  shows(push: string): boolean {
    switch (this.#mode) {
      case 'on':
        return !streams.has(push)
      case 'all':
        return true
      case 'off':
        return false
      case 'names':
        return this.#names.some((name) => push.startsWith(name))
    }
  }

  /** What is shown, in words. */
  toString(): string {
    switch (this.#mode) {
      case 'on':
        return `pushes are shown, but for ${[...streams].join(', ')}`
      case 'all':
        return 'all pushes are shown'
      case 'off':
        return 'no pushes are shown'
      case 'names':
        return `pushes are shown whose names begin with ${this.#names.join(', ')}`
    }
  }
}
