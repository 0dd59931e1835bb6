import type { ErrorCode } from '@hydra/protocol'
import type { RefusedCall } from '@hydra/rpc'
import { RateLimiter, type Clock, type Counter, type Logger } from '@hydra/runtime'
import type { GameEventLog } from './event-log/game-event-log.ts'

/**
 * Codes with which a client is refused that asks for what honest ones do not ask for, or seldom: a lost answer, or a
 * moment in which others were faster, explains one, not a hundred. `BAD_REQUEST` is for bodies that no client of ours can
 * write: negative, fractional or huge amounts, numbers as texts.
 */
export const suspiciousCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'BAD_REQUEST',
  'OPERATION_REPEATED',
  'OPERATION_TOO_OLD',
  'OPERATION_TOO_FAR',
  'ITEM_NOT_OWNED',
  'ITEM_NOT_USABLE',
  'ITEM_NOT_SELLABLE',
  'FUNDS_TOO_LOW',
  'DAILY_CLAIMED',
  'MOVE_TOO_FAR',
  'PLACE_OUTSIDE',
  'NO_PORTAL',
  'TARGET_INVALID',
  'OUT_OF_REACH',
  'TOO_SOON',
  'LOOT_RESERVED',
])

/** What noting refusals needs. */
export interface RefusalsOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly eventLog: Pick<GameEventLog, 'refused'>
  /** Counts by `route` and `code`: each refusal, also those that are not written. */
  readonly refusals: Counter
  /** So many of one role are written in a minute. */
  readonly linesPerMinute: number
}

/** Of all roles together, so many are written in a minute: a crowd of cheaters must not fill the disk either. */
const linesInAllPerMinute = 3_000
/** Roles whose rate is remembered; the one that was refused longest ago is forgotten. */
const rolesMax = 10_000

/**
 * Notes the refusals of clients that smell of cheating, in one place for all routes: in the log, as a record of the event
 * log, and as a metric. Of one role a bounded number is written; the next one that is says how many were left out.
 *
 * @example
 * const refusals = new Refusals({ clock, log, eventLog, refusals: gameMetrics.refusals, linesPerMinute: 20 })
 * const peer = await createRpcPeer({ …, onRefused: (refused) => refusals.note(refused) })
 */
export class Refusals {
  readonly #options: RefusalsOptions
  readonly #perRole: RateLimiter
  readonly #inAll: RateLimiter
  /** Ordered by the last one. */
  readonly #suppressed = new Map<string, number>()

  constructor(options: RefusalsOptions) {
    const { clock, linesPerMinute } = options
    this.#options = options
    const limit = (perMinute: number, keysMax: number) =>
      new RateLimiter({ clock, burst: perMinute, perMinute, keysMax })
    this.#perRole = limit(linesPerMinute, rolesMax)
    this.#inAll = limit(linesInAllPerMinute, 1)
  }

  /** Notes a refusal, if it is one of a client and of the kind that matters. */
  note({ route, session, error }: RefusedCall): void {
    const { code, metadata } = error
    if (session === undefined || !suspiciousCodes.has(code)) return
    const { log, eventLog, refusals } = this.#options
    refusals.inc({ route, code })
    const { uid, rid, sessionId } = session
    const who = rid ?? uid ?? sessionId
    if (this.#perRole.take(who) > 0 || this.#inAll.take('all') > 0) return this.#suppress(who)
    const suppressed = this.#suppressed.get(who) ?? 0
    this.#suppressed.delete(who)
    const refused = { uid, rid, sessionId, route, code, metadata, suppressed }
    log.warn(refused, 'a client was refused what honest ones do not ask for')
    eventLog.refused(refused)
  }

  #suppress(who: string): void {
    const count = this.#suppressed.get(who) ?? 0
    this.#suppressed.delete(who)
    this.#suppressed.set(who, count + 1)
    if (this.#suppressed.size <= rolesMax) return
    const oldest = this.#suppressed.keys().next()
    if (oldest.done !== true) this.#suppressed.delete(oldest.value)
  }
}
