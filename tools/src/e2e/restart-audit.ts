import { Histogram, type BotWatch, type RequestOutcome } from '@hydra/bots'
import type { CloseReason } from '@hydra/client'
import type { ErrorCode, HydraError } from '@hydra/protocol'

/** What was felt while one thing went on. */
export interface Phase {
  readonly name: string
  requests: number
  /** Who has been answered something. */
  readonly served: Set<string>
  /** Sendings that were refused or lost and made again, by code. */
  readonly retries: Map<ErrorCode, number>
  /** Ends of connections, by code. */
  readonly closes: Map<string, number>
  /** From the first sending of a request to its answer. */
  readonly waits: Histogram
  /** The request that took longest. */
  longest: RequestOutcome | undefined
}

/**
 * What an orderly restart may answer, and why it is not a failure for good: the client sends the same request again, under
 * the same number of its operation or message, and this has to succeed within its patience. Nothing else that may be
 * retried is let pass, such as `TIMEOUT` and `SERVER_GONE`, after which nobody knows what became of a request (a server that
 * leaves in good order answers before it goes), `NO_SERVER`, or `STORAGE_UNAVAILABLE`; nor anything that ends a session,
 * such as `DUPLICATE_LOGIN` or `TOKEN_EXPIRED`.
 */
const passing: ReadonlyMap<ErrorCode, string> = new Map([
  [
    'CONNECTION_CLOSED',
    'The gate has closed, or the bot has dropped out: it connects again with the token that it has.',
  ],
  ['SHUTTING_DOWN', 'The request was not started: it goes to another server.'],
  ['ROLE_ELSEWHERE', 'The role is just moving to another game server.'],
  [
    'NOT_IN_SCENE',
    'The scene has closed on its server: the role enters it again where it is now, at the same place.',
  ],
])

/**
 * `SERVER_GONE` of a request that nobody has taken: it was sent in the moment between the end of a server and the news of
 * it. Of all others nobody knows what became of them.
 */
const wasNotTaken = ({ code, message }: HydraError): boolean =>
  code === 'SERVER_GONE' && message.startsWith('Nobody listens')

/** Ends of sessions that a client cannot mend by itself, or that say what is not true: nobody has logged in elsewhere. */
const endsOfSessions: ReadonlySet<ErrorCode> = new Set([
  'NOT_LOGGED_IN',
  'ROLE_NOT_ENTERED',
  'SESSION_ENDED',
  'DUPLICATE_LOGIN',
  'TOKEN_EXPIRED',
  'TOKEN_INVALID',
  'ALREADY_LOGGED_IN',
])

/**
 * How connections may end: by the script of the bot, by the gate that shuts down, without a word (a kick that did not get
 * through any more), and because the client has come back over another connection before the gate noticed.
 */
const closesAllowed: ReadonlySet<string> = new Set([
  'CLIENT_CLOSED',
  'SHUTDOWN',
  'CONNECTION_LOST',
  'RESUMED',
])

/** Watches players from their own side of the wire, and finds what a player must not meet in a rolling restart. */
export class RestartAudit {
  readonly phases: Phase[] = []
  /** What no player may meet. */
  readonly complaints: string[] = []
  #phase: Phase | undefined

  /** From now on everything counts for this. */
  begin(name: string): Phase {
    const phase: Phase = {
      name,
      requests: 0,
      served: new Set(),
      retries: new Map(),
      closes: new Map(),
      waits: new Histogram(),
      longest: undefined,
    }
    this.phases.push(phase)
    this.#phase = phase
    return phase
  }

  /** The hooks for one player. */
  watch(player: string, other: BotWatch = {}): BotWatch {
    return {
      ...other,
      onRefused: (route, error, attempt) => this.#refused(player, route, error, attempt),
      onOutcome: (outcome) => this.#ended(player, outcome),
      onClosed: (reason) => this.#closed(player, reason),
    }
  }

  /** Something else that must not be. */
  complain(what: string): void {
    this.complaints.push(`${this.#phase?.name ?? ''}: ${what}`)
  }

  /** A line for each phase, and one for all. */
  report(): readonly string[] {
    const lines = this.phases.map(({ name, requests, retries, closes, waits, longest }) => {
      const { route = '', ms = 0, attempts = 0 } = longest ?? {}
      const p99 = Math.round(waits.quantile(0.99))
      const [again, closed] = [retries, closes].map((counts) => JSON.stringify(Object.fromEntries(counts)))
      return `${name}: ${requests} requests, p99 ${p99} ms, longest ${Math.round(ms)} ms (${route}, sent ${attempts} times), again ${again}, closed ${closed}`
    })
    return [...lines, `sent again in all: ${JSON.stringify(this.felt().retries)}`]
  }

  /** Retries and ends of connections by code: of all phases, or of those that have this in their names. */
  felt(during = ''): {
    readonly retries: Readonly<Record<string, number>>
    readonly closes: Readonly<Record<string, number>>
  } {
    const phases = this.phases.filter(({ name }) => name.includes(during))
    return {
      retries: sumOf(phases.map(({ retries }) => retries)),
      closes: sumOf(phases.map(({ closes }) => closes)),
    }
  }

  #refused(player: string, route: string, error: HydraError, attempt: number): void {
    const { code, retryable } = error
    const isPassing = passing.has(code) || wasNotTaken(error)
    if (!isPassing && (retryable || endsOfSessions.has(code) || code === 'INTERNAL')) {
      this.complain(`${player}, ${route}, attempt ${attempt}: ${String(error)}`)
    }
    if (isPassing && this.#phase !== undefined) increase(this.#phase.retries, code, 1)
  }

  #ended(player: string, outcome: RequestOutcome): void {
    const { route, attempts, ms, code } = outcome
    const phase = this.#phase
    if (code !== undefined && (passing.has(code) || code === 'SERVER_GONE')) {
      this.complain(`${player} gave ${route} up after ${attempts} attempts in ${Math.round(ms)} ms: ${code}`)
    }
    if (phase === undefined) return
    if (code === undefined) phase.served.add(player)
    phase.requests++
    phase.waits.note(ms)
    if (ms > (phase.longest?.ms ?? 0)) phase.longest = outcome
  }

  #closed(player: string, { code, reason }: CloseReason): void {
    if (this.#phase !== undefined) increase(this.#phase.closes, code, 1)
    if (!closesAllowed.has(code)) this.complain(`${player} was disconnected, ${code}: ${reason}`)
  }
}

function increase<K>(counts: Map<K, number>, key: K, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by)
}

function sumOf(parts: readonly ReadonlyMap<string, number>[]): Readonly<Record<string, number>> {
  const sum = new Map<string, number>()
  for (const counts of parts) for (const [code, count] of counts) increase(sum, code, count)
  return Object.fromEntries(sum)
}
