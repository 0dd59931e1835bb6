import { HydraError } from '@hydra/protocol'
import type { ClientClock } from './client-clock.ts'

/** A token and how long it is valid; `undefined`: the server does not say. */
export interface TokenLease {
  readonly token: string
  readonly lifetimeMs: number | undefined
}

/** What {@link TokenRenewal} needs. */
export interface TokenRenewalOptions {
  readonly clock: ClientClock
  /** Asks the server for another token. */
  readonly renew: () => Promise<TokenLease>
}

/** A failed renewal is tried again after this part of the lifetime. */
const retryShare = 1 / 16
/** And not sooner than after this: gates allow a session one renewal per second, of which this is half. */
const retryMinMs = 2_000
/** A token that lasts no longer than this beyond the present one is not worth having, and the last that there will be. */
const gainMinMs = 1_000

/**
 * Has a token renewed when half of its time is over, as long as there is a connection: what is left must be enough to come
 * back with. When that fails for good, the token stays as it is, until it expires.
 */
export class TokenRenewal {
  readonly #options: TokenRenewalOptions
  #token: string | undefined
  #timer: { cancel(): void } | undefined
  /** When {@link token} expires, by the monotonic clock. */
  #expiresMs = 0

  constructor(options: TokenRenewalOptions) {
    this.#options = options
  }

  /** The newest one. */
  get token(): string | undefined {
    return this.#token
  }

  /** A connection has logged in with this one. */
  begin({ token, lifetimeMs }: TokenLease): void {
    this.#token = token
    this.stop()
    if (lifetimeMs === undefined) return
    this.#expiresMs = this.#options.clock.monotonicMs() + lifetimeMs
    this.#schedule(lifetimeMs / 2, lifetimeMs)
  }

  /** The connection has ended, or the login has. */
  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #schedule(delayMs: number, lifetimeMs: number): void {
    const timer = this.#options.clock.after(delayMs, () => void this.#renew(timer, lifetimeMs))
    this.#timer = timer
  }

  /** Never rejects: a token that cannot be renewed is still one. */
  async #renew(timer: { cancel(): void }, lifetimeMs: number): Promise<void> {
    try {
      const lease = await this.#options.renew()
      if (this.#timer === timer && this.#isLonger(lease)) this.begin(lease)
    } catch (thrown) {
      if (this.#timer !== timer || !HydraError.from(thrown).retryable) return
      this.#schedule(Math.max(lifetimeMs * retryShare, retryMinMs), lifetimeMs)
    }
  }

  /** Near the end of what can be renewed tokens end no later, or sooner, than the one that is there. */
  #isLonger({ lifetimeMs }: TokenLease): boolean {
    if (lifetimeMs === undefined) return true
    return this.#options.clock.monotonicMs() + lifetimeMs >= this.#expiresMs + gainMinMs
  }
}
