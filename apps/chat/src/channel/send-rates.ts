import { HydraError, type ChannelKind } from '@hydra/protocol'
import { RateLimiter, type Clock } from '@hydra/runtime'
import type { ChatConfig } from '../config.ts'

/** Kinds of channels that players speak in. */
export type SpokenKind = Exclude<ChannelKind, 'system'>

/**
 * How fast one role may speak in each kind of channel. All requests of an account come to one chat server as long as
 * the servers stay the same, so each counts for itself; when they change, a role starts anew.
 */
export class SendRates {
  readonly #limiters: Readonly<Record<SpokenKind, RateLimiter>>

  constructor(rates: ChatConfig['rates'], clock: Clock) {
    const keysMax = rates.rolesMax
    const limiter = (kind: SpokenKind) =>
      new RateLimiter({ clock, keysMax, burst: rates[`${kind}Burst`], perMinute: rates[`${kind}PerMinute`] })
    this.#limiters = {
      world: limiter('world'),
      alliance: limiter('alliance'),
      team: limiter('team'),
      private: limiter('private'),
    }
  }

  /** @throws HydraError `RATE_LIMITED`, with `retryAfterMs` in the metadata. */
  take(kind: SpokenKind, rid: string): void {
    const retryAfterMs = this.#limiters[kind].take(rid)
    if (retryAfterMs === 0) return
    throw new HydraError('RATE_LIMITED', `Too many messages in a short time; wait ${retryAfterMs} ms.`, {
      metadata: { retryAfterMs },
    })
  }
}
