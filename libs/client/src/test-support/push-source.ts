import type { PayloadOf, Push } from '@hydra/protocol'
import type { GameClient } from '../game-client.ts'

/** The half of a client that hears pushes: those that a test sends. */
export class PushSource implements Pick<GameClient, 'on'> {
  readonly #listeners = new Map<string, Set<(payload: never) => void>>()

  /** How many listen, to whatever. */
  get listeners(): number {
    return [...this.#listeners.values()].reduce((sum, { size }) => sum + size, 0)
  }

  on: GameClient['on'] = (push, listener) => {
    const listeners = this.#listeners.get(push.name) ?? new Set()
    this.#listeners.set(push.name, listeners)
    const wrapped = (payload: never) => listener(payload)
    listeners.add(wrapped)
    return () => void listeners.delete(wrapped)
  }

  /** Has a push arrive now. */
  protected tell<P extends Push>({ name }: P, payload: PayloadOf<P>): void {
    // Which payload belongs to which push was checked where both were passed.
    for (const listener of this.#listeners.get(name) ?? []) listener(payload as never)
  }
}
