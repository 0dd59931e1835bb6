import type { ClientClock } from '@hydra/client'
import { HydraError, type ErrorCode } from '@hydra/protocol'
import type { BotWatch } from './bot-identity.ts'

/** Not to be sent again as they are, and yet no defect: the session is over, a new login mends it. */
export const sessionOver: ReadonlySet<ErrorCode> = new Set([
  'NOT_LOGGED_IN',
  'ROLE_NOT_ENTERED',
  'SESSION_ENDED',
  'DUPLICATE_LOGIN',
  'TOKEN_EXPIRED',
])

/** What {@link Repeats} needs. */
export interface RepeatsOptions {
  readonly clock: ClientClock
  readonly watch: BotWatch | undefined
  /** See `BotIdentity.patienceMs`. */
  readonly patienceMs: number
  readonly backOff: () => Promise<void>
}

/** Sends requests again as long as that may mend what has happened to them, and tells whoever watches. */
export class Repeats {
  readonly #options: RepeatsOptions

  constructor(options: RepeatsOptions) {
    this.#options = options
  }

  /**
   * Calls `send` until it succeeds, with what the last attempt failed with.
   *
   * @param attemptsMin attempts that are made however long they take
   * @throws what the last attempt has failed with: what no repetition mends, or anything when patience is at its end.
   */
  async repeat<T>(
    route: string,
    send: (last: HydraError | undefined) => Promise<T>,
    attemptsMin = 1,
  ): Promise<T> {
    const { clock, watch, patienceMs, backOff } = this.#options
    const beganAtMs = clock.monotonicMs()
    let last: HydraError | undefined
    for (let attempts = 1; ; attempts++) {
      const end = (code: ErrorCode | undefined) =>
        watch?.onOutcome?.({ route, ms: clock.monotonicMs() - beganAtMs, attempts, code })
      try {
        const value = await send(last)
        end(undefined)
        return value
      } catch (thrown) {
        last = HydraError.from(thrown)
        watch?.onRefused?.(route, last, attempts)
        const isPatient = attempts < attemptsMin || clock.monotonicMs() - beganAtMs < patienceMs
        if (!isPatient || !this.#mayMend(last)) {
          end(last.code)
          throw thrown
        }
        await backOff()
      }
    }
  }

  /** A client that is patient enters the scene again that its server has closed. */
  #mayMend({ code, retryable }: HydraError): boolean {
    return retryable || sessionOver.has(code) || (code === 'NOT_IN_SCENE' && this.#options.patienceMs > 0)
  }
}
