/** How fast one client may send messages. Heartbeats are not counted. */
export interface RateLimit {
  /** Messages per second in the long run. */
  readonly ratePerSecond: number
  /** Messages at once, after a pause. */
  readonly rateBurst: number
  /** Refusals that a client may pile up before it is closed; each second forgives `ratePerSecond` of them. */
  readonly rateRefusalsMax: number
}

/** What a session keeps for its rate limit. */
export interface RateState {
  rateTokens: number
  rateAtMs: number
}

/** What becomes of a message. */
export type RateVerdict = 'allowed' | 'refused' | 'closed'

/**
 * A token bucket that goes into debt: refused messages cost a token too. A client that slows down is served again soon;
 * one that goes on sinks until it is closed.
 *
 * @example if (takeToken(session, limit, clock.monotonicMs()) === 'closed') close(session, 'RATE_LIMITED')
 */
export function takeToken(state: RateState, limit: RateLimit, nowMs: number): RateVerdict {
  const { ratePerSecond, rateBurst, rateRefusalsMax } = limit
  const refilled = state.rateTokens + ((nowMs - state.rateAtMs) * ratePerSecond) / 1_000
  const tokens = Math.min(rateBurst, refilled)
  state.rateTokens = tokens - 1
  state.rateAtMs = nowMs
  if (tokens >= 1) return 'allowed'
  return tokens > -rateRefusalsMax ? 'refused' : 'closed'
}
