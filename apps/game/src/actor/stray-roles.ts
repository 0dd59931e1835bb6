import type { RoleJournal, Roles } from '@hydra/persistence'
import { PeriodicLook, type Clock, type Counter, type Logger } from '@hydra/runtime'
import { nobodyPlays } from './role-session.ts'
import type { RoleActors } from './role-actors.ts'

/** What looking for stray roles needs. */
export interface StrayRolesOptions {
  /** Id of this server. */
  readonly owner: string
  readonly actors: Pick<RoleActors, 'has' | 'leave'>
  readonly journal: Pick<RoleJournal, 'ownedBy'>
  readonly roles: Pick<Roles, 'find'>
  readonly clock: Clock
  readonly log: Logger
  /** Counts them. */
  readonly strays: Counter
  readonly intervalMs: number
}

/** Roles read in one round trip. */
const pageMax = 500

/**
 * Gives up the roles that this server owns in the journal without having them in memory, which a lost answer can lead
 * to: nobody else would save what the journal has of them, because their owner lives. A role must be found twice in a
 * row, so as to leave alone what is just being loaded or given up.
 *
 * @example const strays = new StrayRoles(options).start()
 */
export class StrayRoles {
  readonly #options: StrayRolesOptions
  readonly #periodic: PeriodicLook
  #suspects: ReadonlySet<string> = new Set()

  constructor(options: StrayRolesOptions) {
    this.#options = options
    this.#periodic = new PeriodicLook({ ...options, look: () => this.#look() })
  }

  start(): this {
    this.#periodic.start()
    return this
  }

  stop(): void {
    this.#periodic.stop()
  }

  /** Looks once at all roles that this server owns. Never rejects. */
  look(): Promise<void> {
    return this.#periodic.now()
  }

  async #look(): Promise<void> {
    const { owner, actors, journal, log } = this.#options
    const suspects = new Set<string>()
    try {
      let afterRid: string | undefined
      do {
        const owned = await journal.ownedBy(owner, pageMax, afterRid)
        for (const { rid } of owned) if (!actors.has(rid)) suspects.add(rid)
        afterRid = owned.at(-1)?.rid
      } while (afterRid !== undefined)
      for (const rid of suspects)
        if (this.#suspects.has(rid) && !this.#periodic.stopped) await this.#giveUp(rid)
    } catch (err) {
      log.debug({ err }, 'the look for stray roles was cut short; the next one goes on')
    }
    this.#suspects = suspects
  }

  async #giveUp(rid: string): Promise<void> {
    const { actors, roles, log, strays } = this.#options
    const row = await roles.find(rid)
    if (row === undefined || actors.has(rid)) return
    const state = await actors.leave({ rid, uid: row.uid }, nobodyPlays('IDLE'), false)
    log.info({ rid, state }, 'a role that this server owned without having it was saved and given up')
    strays.inc()
  }
}
