import { pushes } from '@hydra/protocol'
import type { Clock, Counter, Logger, Timer } from '@hydra/runtime'
import { limitParallel } from '../actor/limit-parallel.ts'
import { actorGone, type RoleActor } from '../actor/role-actor.ts'
import type { RoleActors } from '../actor/role-actors.ts'
import type { TellRole } from '../role/tell-role.ts'
import { dailyOf, onDay } from './daily.ts'
import type { GameDays } from './game-day.ts'

/** What the timer needs. */
export interface DailyTimerOptions {
  readonly days: Pick<GameDays, 'dayAt' | 'nextResetMs'>
  readonly actors: Pick<RoleActors, 'all'>
  readonly tell: TellRole
  readonly clock: Clock
  readonly log: Logger
  /** Counts roles whose day was changed while they were played. */
  readonly resets: Counter
}

/** A timer counts other milliseconds than a clock that is set: so often, at least, it is looked at what day it is. */
const lookMs = 60_000
/** Roles that are brought to the new day at one time: they share the stores with those who play. */
const rolesParallel = 32
/** How long one role may take, its turns behind other requests included. */
const roleMs = 30_000

/**
 * Has what counts by the day begin anew for the roles that are played when a day begins, and tells their players. Roles
 * that are away come to the day when they are entered. A role that could not be changed is looked after again within a
 * minute.
 *
 * @example const timer = new DailyTimer(options).start()
 */
export class DailyTimer {
  readonly #options: DailyTimerOptions
  readonly #resetOne: (actor: RoleActor, day: string) => Promise<boolean>
  #timer: Timer | undefined
  #looking: Promise<void> | undefined
  #stopped = false
  /** The latest day that it ever was. */
  #day: string

  constructor(options: DailyTimerOptions) {
    this.#options = options
    this.#day = options.days.dayAt(options.clock.nowMs())
    this.#resetOne = limitParallel(rolesParallel, (actor, day) => this.#reset(actor, day))
  }

  start(): this {
    this.#plan()
    return this
  }

  /** Begins nothing new; what is under way ends with the actors. */
  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
  }

  /** Brings all roles that are played to the present day, or answers the look that is under way. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined))
    return this.#looking
  }

  #plan(): void {
    const { days, clock } = this.#options
    const nowMs = clock.nowMs()
    this.#timer = clock.after(Math.min(lookMs, days.nextResetMs(nowMs) - nowMs), () => {
      void this.look()
      this.#plan()
    })
  }

  async #look(): Promise<void> {
    const { days, actors, clock, log } = this.#options
    const day = days.dayAt(clock.nowMs())
    const behind = [...actors.all()].filter((actor) => isPlayed(actor) && isBehind(actor, day))
    const results = await Promise.allSettled(behind.map((actor) => this.#resetOne(actor, day)))
    const roles = results.filter((result) => result.status === 'fulfilled' && result.value).length
    const failures = results.filter((result) => result.status === 'rejected')
    if (day > this.#day) log.info({ day, roles }, 'a new day has begun')
    if (day > this.#day) this.#day = day
    const [first] = failures
    if (first === undefined) return
    log.warn(
      { day, roles: failures.length, err: first.reason as unknown },
      'roles were not brought to the new day; trying again',
    )
  }

  async #reset(actor: RoleActor, day: string): Promise<boolean> {
    const { days, tell, clock, resets } = this.#options
    const untilMs = clock.monotonicMs() + roleMs
    const caller = { remainingMs: () => (this.#stopped ? 0 : untilMs - clock.monotonicMs()) }
    try {
      return await actor.runFor(caller, async (role) => {
        // It may have been entered since.
        if (role.state.daily.day >= day) return false
        const state = await role.changeDurably((before) => onDay(before, day))
        resets.inc()
        tell(actor.rid, pushes.game.daily.reset, dailyOf(state, days, clock.nowMs()))
        return true
      })
    } catch (error) {
      // It left before its turn, and comes to the day when it is entered.
      if (error === actorGone) return false
      throw error
    }
  }
}

const isPlayed = ({ stage, session }: RoleActor): boolean =>
  session !== undefined && (stage === 'active' || stage === 'grace')

const isBehind = ({ state }: RoleActor, day: string): boolean => state !== undefined && state.daily.day < day
