import type { RoleOwnership } from '@hydra/persistence'
import { HydraError } from '@hydra/protocol'
import { PeriodicLook, type Clock, type Counter, type Logger } from '@hydra/runtime'
import type { RoleActor } from './role-actor.ts'
import type { RoleActors } from './role-actors.ts'

/** What the renewal needs. */
export interface OwnershipRenewalOptions {
  readonly actors: Pick<RoleActors, 'all'>
  readonly ownership: Pick<RoleOwnership, 'renew'>
  readonly clock: Clock
  readonly log: Logger
  /** Counts roles by `outcome`: `lost`, `retaken`. */
  readonly renewals: Counter
  readonly intervalMs: number
  /** Roles taken once more at one time. */
  readonly retakesParallel: number
}

/**
 * Compares the roles in memory with the journal from time to time. One whose ownership the journal does not confirm is
 * saved and taken once more: either that succeeds, because the journal had lost sight of it or never knew it, or another
 * server owns it by now, and it ends here, also when nobody changes it. What could not be stored is stored again.
 *
 * @example const renewal = new OwnershipRenewal(options).start()
 */
export class OwnershipRenewal {
  readonly #options: OwnershipRenewalOptions
  readonly #periodic: PeriodicLook
  /** Roles whose turn to be taken once more has not come; each stands here once, however often it is found. */
  readonly #waiting = new Map<RoleActor, { readonly retake: boolean }>()
  #workers = 0
  /** The next look does not wait for it: one role may take long. */
  #tending: Promise<void> = Promise.resolve()
  #failures: { count: number; readonly first: unknown } | undefined

  constructor(options: OwnershipRenewalOptions) {
    this.#options = options
    this.#periodic = new PeriodicLook({ ...options, look: () => this.#look() })
  }

  start(): this {
    this.#periodic.start()
    return this
  }

  stop(): void {
    this.#periodic.stop()
    this.#waiting.clear()
  }

  /** Looks once at every role; resolves when those that need it have been tended. Never rejects. */
  async look(): Promise<void> {
    await this.#periodic.now()
    await this.#tending
  }

  async #look(): Promise<void> {
    const { actors, ownership, log } = this.#options
    const held = new Map<string, RoleActor>()
    const owned: Parameters<RoleOwnership['renew']>[0][number][] = []
    for (const actor of actors.all()) {
      if (actor.ownership === undefined) continue
      const { epoch, journalled } = actor.ownership
      held.set(actor.rid, actor)
      owned.push({ rid: actor.rid, epoch, journalled })
    }
    this.#report()
    try {
      for (const rid of await ownership.renew(owned)) this.#want(held.get(rid), true)
    } catch (err) {
      log.debug({ err }, 'the ownership of roles could not be looked at; the next time it is')
    }
    for (const actor of held.values()) if (actor.unsettled) this.#want(actor, false)
    this.#tending = this.#tendAll()
  }

  #want(actor: RoleActor | undefined, retake: boolean): void {
    if (actor !== undefined && this.#waiting.get(actor)?.retake !== true) this.#waiting.set(actor, { retake })
  }

  /** A role that takes long keeps one worker from the others, no more. */
  async #tendAll(): Promise<void> {
    const free = this.#options.retakesParallel - this.#workers
    await Promise.all(Array.from({ length: Math.min(free, this.#waiting.size) }, () => this.#work()))
  }

  async #work(): Promise<void> {
    this.#workers += 1
    try {
      for (let next = this.#take(); next !== undefined; next = this.#take()) await this.#tend(...next)
    } finally {
      this.#workers -= 1
    }
  }

  #take(): [RoleActor, boolean] | undefined {
    const [next] = this.#waiting
    if (next === undefined || this.#periodic.stopped) return undefined
    this.#waiting.delete(next[0])
    return [next[0], next[1].retake]
  }

  async #tend(actor: RoleActor, retake: boolean): Promise<void> {
    const { log, renewals } = this.#options
    const { rid } = actor
    const epoch = actor.ownership?.epoch
    const error = await actor.tend({ retake })
    if (actor.stage === 'gone' && HydraError.hasCode(error, 'ROLE_ELSEWHERE')) {
      log.warn({ rid, epoch }, 'another server owns a role by now; it has ended here')
      renewals.inc({ outcome: 'lost' })
    } else if (error !== undefined) {
      this.#failures = { count: (this.#failures?.count ?? 0) + 1, first: this.#failures?.first ?? error }
    } else if (actor.ownership?.epoch !== epoch) renewals.inc({ outcome: 'retaken' })
  }

  /** One line for all: in an outage there may be thousands. */
  #report(): void {
    if (this.#failures === undefined) return
    const { count, first: err } = this.#failures
    this.#failures = undefined
    this.#options.log.warn(
      { roles: count, err },
      'roles could not be stored or taken once more; trying again',
    )
  }
}
