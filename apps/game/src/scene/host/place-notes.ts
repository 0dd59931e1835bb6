import type { RoleRule } from '@hydra/persistence'
import { PeriodicLook, type Clock, type Logger } from '@hydra/runtime'
import { limitParallel } from '../../actor/limit-parallel.ts'
import type { RoleActors } from '../../actor/role-actors.ts'
import type { RoleState } from '../../role/role.ts'
import { waitBriefly } from '../../wait-briefly.ts'

/** What noting places needs. */
export interface PlaceNotesOptions {
  readonly actors: Pick<RoleActors, 'peek' | 'runIfHere'>
  /** The roles that may be elsewhere than their data say. */
  readonly rids: () => Iterable<string>
  /** How the data of a role are to be changed to say where it is; `undefined`: that is not known. */
  readonly ruleOf: (rid: string) => RoleRule<RoleState> | undefined
  readonly clock: Clock
  readonly log: Logger
  readonly intervalMs: number
  /** So many are noted at one time. */
  readonly parallel: number
  /** How long one may take, the role's turn included. */
  readonly boundMs: number
}

/**
 * Notes now and then in the role data where everybody is: that is where a role comes back after its server has died. Who
 * leaves in order has its place noted then.
 */
export class PlaceNotes {
  readonly #options: PlaceNotesOptions
  readonly #periodic: PeriodicLook

  constructor(options: PlaceNotesOptions) {
    this.#options = options
    const { clock, intervalMs } = options
    this.#periodic = new PeriodicLook({ clock, intervalMs, look: () => this.#look() })
  }

  start(): this {
    this.#periodic.start()
    return this
  }

  stop(): void {
    this.#periodic.stop()
  }

  /** Notes all places now. Never rejects. */
  note(): Promise<void> {
    return this.#periodic.now()
  }

  async #look(): Promise<void> {
    const { rids, log, parallel, clock, boundMs } = this.#options
    let failed = 0
    let first: unknown
    const noteOne = limitParallel(parallel, (rid: string) => this.#note(rid))
    const work = [...rids()]
      .filter((rid) => this.#isDue(rid))
      .map((rid) => {
        const noted = noteOne(rid).catch((err: unknown) => {
          failed += 1
          first ??= err
        })
        // One that is just leaving may be held up for as long as the database is away; the others go on.
        return waitBriefly(clock, 2 * boundMs, noted)
      })
    await Promise.all(work)
    if (failed > 0)
      log.warn({ roles: failed, err: first }, 'where roles are could not be noted; trying again later')
  }

  #isDue(rid: string): boolean {
    const { actors, ruleOf } = this.#options
    const role = actors.peek(rid)
    return role !== undefined && ruleOf(rid)?.(role) !== role
  }

  async #note(rid: string): Promise<void> {
    const { actors, clock, boundMs, ruleOf } = this.#options
    if (this.#periodic.stopped) return
    const untilMs = clock.monotonicMs() + boundMs
    const caller = { remainingMs: () => untilMs - clock.monotonicMs() }
    // Asked for in the turn: before it came, the role may have gone through a portal.
    await actors.runIfHere(rid, caller, (role) => role.change(ruleOf(rid) ?? unchanged))
  }
}

const unchanged: RoleRule<RoleState> = (role) => role
