import { routes } from '@hydra/protocol'
import type { RpcPeer } from '@hydra/rpc'
import { PeriodicLook, type Clock, type Counter, type Logger } from '@hydra/runtime'
import type { ServiceCaller } from '../actor/role-actor-host.ts'
import type { RoleActors } from '../actor/role-actors.ts'
import type { RoleState } from '../role/role.ts'
import { overdueHolds, withReleased, withSettled } from './wallet.ts'

/** What resolving needs. */
export interface HoldResolverOptions {
  readonly peer: Pick<RpcPeer, 'call'>
  readonly actors: Pick<RoleActors, 'all' | 'runFor'>
  readonly clock: Clock
  readonly log: Logger
  /** Counts payments by `outcome`. */
  readonly resolved: Counter
  /** A payment that is under way for longer has been left behind. */
  readonly holdMaxMs: number
  /** Between looks through the roles in memory. */
  readonly intervalMs: number
  /** Bound of one call to chat. */
  readonly timeoutMs: number
}

/** So many roles are looked after at one time; further ones wait for the next look. */
const rolesMax = 100

/** How long one role may take in the background, its turns included. */
const backgroundMs = 10_000

/** A payment, and whether it has bought what it was for. */
interface Outcome {
  readonly holdId: string
  readonly founded: boolean
}

/**
 * Ends payments whose caller has died between setting gold aside and taking it or giving it back: chat is asked what
 * the payment has bought, which is final. Looked for when a role is entered, when it has no room for another payment,
 * and from time to time.
 *
 * @example const holds = new HoldResolver(options).start()
 */
export class HoldResolver {
  readonly #options: HoldResolverOptions
  readonly #periodic: PeriodicLook
  /** By role id; none of them rejects. */
  readonly #underWay = new Map<string, Promise<boolean>>()

  constructor(options: HoldResolverOptions) {
    this.#options = options
    this.#periodic = new PeriodicLook({ ...options, look: () => this.#look() })
  }

  start(): this {
    this.#periodic.start()
    return this
  }

  /** Begins nothing new; what is under way ends with the actors and the peer. */
  stop(): void {
    this.#periodic.stop()
  }

  /** Looks once through all roles in memory, and resolves when what it began is done. Never rejects. */
  async look(): Promise<void> {
    await this.#periodic.now()
    await Promise.all(this.#underWay.values())
  }

  /** Looks after a role in the background, if it has payments that were left behind. */
  request(role: RoleState): void {
    const overdue = this.#overdue(role)
    if (overdue.length === 0 || this.#periodic.stopped) return
    const { rid, uid } = role
    const { clock } = this.#options
    const untilMs = clock.monotonicMs() + backgroundMs
    const caller = { rid, uid, remainingMs: () => untilMs - clock.monotonicMs() }
    void this.#once(rid, () => this.#resolve(caller, overdue))
  }

  /**
   * Looks after a role now. Answers whether a payment has ended by it. Never rejects. It takes turns of the role, so it
   * must not be awaited within one.
   */
  resolve(caller: ServiceCaller): Promise<boolean> {
    return this.#once(caller.rid, async () => {
      const overdue = await this.#options.actors.runFor(caller, ({ state }) => this.#overdue(state))
      return this.#resolve(caller, overdue)
    })
  }

  #overdue(role: RoleState): readonly string[] {
    const { clock, holdMaxMs } = this.#options
    return overdueHolds(role, 'alliance', clock.nowMs() - holdMaxMs)
  }

  #look(): Promise<void> {
    for (const { stage, state } of this.#options.actors.all()) {
      if (state !== undefined && (stage === 'active' || stage === 'grace')) this.request(state)
    }
    return Promise.resolve()
  }

  #once(rid: string, resolve: () => Promise<boolean>): Promise<boolean> {
    const known = this.#underWay.get(rid)
    if (known !== undefined) return known
    if (this.#underWay.size >= rolesMax) return Promise.resolve(false)
    const done = resolve()
      .catch((err: unknown) => {
        const { log } = this.#options
        log.warn({ rid, err }, 'payments that were left behind could not be ended; the next look tries again')
        return false
      })
      .finally(() => this.#underWay.delete(rid))
    this.#underWay.set(rid, done)
    return done
  }

  async #resolve(caller: ServiceCaller, overdue: readonly string[]): Promise<boolean> {
    const { actors, clock, log, resolved } = this.#options
    const asked = await Promise.all(overdue.map((holdId) => this.#ask(holdId, caller)))
    const outcomes = asked.filter((outcome) => outcome !== undefined)
    if (outcomes.length === 0) return false
    const ended = (state: RoleState) =>
      outcomes.reduce((role, outcome) => withOutcome(role, outcome, clock.nowMs()), state)
    await actors.runFor(caller, (role) => role.changeDurably(ended))
    for (const { founded } of outcomes) resolved.inc({ outcome: founded ? 'settled' : 'released' })
    log.info({ rid: caller.rid, outcomes }, 'payments that were left behind have ended')
    return true
  }

  async #ask(holdId: string, caller: ServiceCaller): Promise<Outcome | undefined> {
    const { peer, log, resolved, timeoutMs: callMs } = this.#options
    const timeoutMs = Math.max(1, Math.min(callMs, caller.remainingMs()))
    try {
      const to = { type: 'chat', key: holdId } as const
      const body = { allianceId: holdId }
      const { founded } = await peer.call(routes.chat.alliance.outcome, body, { to, timeoutMs })
      return { holdId, founded }
    } catch (err) {
      resolved.inc({ outcome: 'unknown' })
      log.warn({ rid: caller.rid, holdId, err }, 'chat does not say what a payment has bought; it stays')
      return undefined
    }
  }
}

const withOutcome = (role: RoleState, { holdId, founded }: Outcome, nowMs: number): RoleState =>
  founded ? withSettled(role, holdId, nowMs) : withReleased(role, holdId, nowMs)
