import { HydraError } from '@hydra/protocol'
import { RateLimiter, type Clock, type Metrics } from '@hydra/runtime'

/** How often passwords may be tried. */
export interface AttemptLimits {
  readonly enabled: boolean
  readonly addressBurst: number
  readonly addressPerMinute: number
  readonly usernameBurst: number
  readonly usernamePerMinute: number
  readonly keysMax: number
}

/**
 * Slows down guessing: from one address over many names, and at one name from many addresses. Names count whether or
 * not an account has them, so a refusal tells nothing about that.
 */
export interface Attempts {
  /** @throws HydraError `RATE_LIMITED`, its metadata says after how many milliseconds to try again. */
  count(address: string, username: string): void
}

/** Attempts are counted in this process only. @example createAttempts(config.attempts, { clock, metrics }) */
export function createAttempts(limits: AttemptLimits, deps: { clock: Clock; metrics: Metrics }): Attempts {
  if (!limits.enabled) return { count: () => {} }
  const { clock, metrics } = deps
  const { keysMax } = limits
  const byAddress = new RateLimiter({
    clock,
    keysMax,
    burst: limits.addressBurst,
    perMinute: limits.addressPerMinute,
  })
  const byUsername = new RateLimiter({
    clock,
    keysMax,
    burst: limits.usernameBurst,
    perMinute: limits.usernamePerMinute,
  })
  metrics.gauge({
    name: 'hydra_http_attempt_keys',
    help: 'Addresses and user names whose attempts are being counted.',
    collect: () => byAddress.size + byUsername.size,
  })
  return {
    count(address, username) {
      const waitMs = byAddress.take(address) || byUsername.take(username.toLowerCase())
      if (waitMs === 0) return
      const seconds = Math.ceil(waitMs / 1_000)
      throw new HydraError('RATE_LIMITED', `Too many attempts; try again in ${seconds} s.`, {
        metadata: { retryAfterMs: waitMs },
      })
    },
  }
}
