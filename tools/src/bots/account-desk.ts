import { BotStats } from '@hydra/bots'
import type { AccountApi } from '@hydra/client'
import { HydraError, type Credentials } from '@hydra/protocol'
import { delay, type Clock } from '@hydra/runtime'

/** How tokens are got. */
export interface AccountDeskOptions {
  readonly accounts: AccountApi
  readonly password: string
  readonly clock: Clock
  /** Ends all waiting. */
  readonly signal: AbortSignal
  /** The http service has said that it is too much; called with each wait. */
  readonly onLimited: (waitMs: number) => void
}

/** Passwords are hashed by a few threads: more at once would only wait there. */
const atOnceUsual = 4
const waitUsualMs = 1_000
const waitMaxMs = 60_000

/**
 * Where bots get their tokens: a few at a time, and where the http service limits how often one address may register or
 * log in, one at a time, as fast as it allows.
 *
 * @example const token = await desk.token('bot7')
 */
export class AccountDesk {
  /** What it took to register and to log in. */
  readonly stats = new BotStats()
  readonly #options: AccountDeskOptions
  readonly #waiting: (() => void)[] = []
  #atOnce = atOnceUsual
  #busy = 0
  /** Whether the account before was there already: that of a run that is repeated. */
  #isRepeated = false
  /** What the http service asks to wait at this moment; 0 when nothing. */
  #limitedMs = 0
  /** Accounts of somebody else: asking again would only use up attempts. */
  readonly #refused = new Map<string, HydraError>()

  constructor(options: AccountDeskOptions) {
    this.#options = options
  }

  /** How long the http service has it wait at this moment, a minute at most; 0 when it does not. */
  get limitedMs(): number {
    return this.#limitedMs
  }

  /**
   * Logs an account in; makes it where there is none.
   *
   * @throws HydraError what http answers, but `RATE_LIMITED`; `CREDENTIALS_WRONG` when it has another password;
   * `CONNECTION_CLOSED` when the signal aborts.
   */
  async token(username: string): Promise<string> {
    const refused = this.#refused.get(username)
    if (refused !== undefined) throw refused
    while (this.#busy >= this.#atOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#busy++
    try {
      return await this.#patiently({ username, password: this.#options.password })
    } finally {
      this.#busy--
      this.#waiting.shift()?.()
    }
  }

  async #patiently(credentials: Credentials): Promise<string> {
    const { clock, signal, onLimited } = this.#options
    for (;;) {
      if (signal.aborted) throw stopping()
      try {
        return await this.#enterOrMake(credentials)
      } catch (error) {
        if (!HydraError.hasCode(error, 'RATE_LIMITED')) throw error
        this.#atOnce = 1
        const asked = error.metadata?.['retryAfterMs']
        const waitMs = Math.min(typeof asked === 'number' ? asked : waitUsualMs, waitMaxMs)
        this.#limitedMs = waitMs
        onLimited(waitMs)
        await delay(clock, waitMs, signal).catch(() => Promise.reject(stopping()))
        this.#limitedMs = 0
      }
    }
  }

  /** Begins with what was right for the account before: each wrong guess costs one of the attempts. */
  async #enterOrMake(credentials: Credentials): Promise<string> {
    const wasRepeated = this.#isRepeated
    try {
      return await this.#ask(wasRepeated ? 'login' : 'register', credentials)
    } catch (error) {
      if (!HydraError.hasCode(error, wasRepeated ? 'CREDENTIALS_WRONG' : 'USERNAME_TAKEN')) throw error
    }
    this.#isRepeated = !wasRepeated
    try {
      return await this.#ask(wasRepeated ? 'register' : 'login', credentials)
    } catch (error) {
      if (!HydraError.hasCode(error, wasRepeated ? 'USERNAME_TAKEN' : 'CREDENTIALS_WRONG')) throw error
      const refused = new HydraError(
        'CREDENTIALS_WRONG',
        `The account ${credentials.username} is there and has another password: choose other names with --name or --seed, or give its password in HYDRA_BOTS_PASSWORD.`,
        { cause: error },
      )
      this.#refused.set(credentials.username, refused)
      throw refused
    }
  }

  async #ask(what: 'register' | 'login', credentials: Credentials): Promise<string> {
    const { accounts, clock } = this.#options
    const beganAtMs = clock.monotonicMs()
    try {
      const { token } = await accounts[what](credentials)
      this.stats.answered(`http: ${what}`, clock.monotonicMs() - beganAtMs)
      return token
    } catch (error) {
      this.stats.refused(HydraError.from(error).code)
      throw error
    }
  }
}

const stopping = () => new HydraError('CONNECTION_CLOSED', 'The bots are being stopped.')
