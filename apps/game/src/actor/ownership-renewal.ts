import type { RoleOwnership } from '@hydra/persistence'
import type { Clock, Counter, Logger, Timer } from '@hydra/runtime'
import type { RoleActor } from './role-actor.ts'
import type { RoleActors } from './role-actors.ts'

/** What the renewal needs. */
export interface OwnershipRenewalOptions {
  readonly actors: Pick<RoleActors, 'all' | 'fenced'>
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
 * Compares the roles in memory with the journal from time to time. One that another server owns by now ends here, also
 * when nobody changes it; one that the journal has lost sight of, or never knew because it was away, is taken once more;
 * and what could not be stored is stored again.
 *
 * @example const renewal = new OwnershipRenewal(options).start()
 */
export class OwnershipRenewal {
  readonly #options: OwnershipRenewalOptions
  #timer: Timer | undefined
  #running: Promise<void> | undefined
  #stopped = false

  constructor(options: OwnershipRenewalOptions) {
    this.#options = options
  }

  start(): this {
    this.#timer = this.#options.clock.every(this.#options.intervalMs, () => void this.renew())
    return this
  }

  /** Begins nothing new; whoever stops the server does not wait for what is under way. */
  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** Looks once at every role; one look at a time. Never rejects. */
  renew(): Promise<void> {
    this.#running ??= this.#renew().finally(() => (this.#running = undefined))
    return this.#running
  }

  async #renew(): Promise<void> {
    const { actors, ownership, log } = this.#options
    const held = new Map<string, { readonly actor: RoleActor; readonly epoch: number }>()
    for (const actor of actors.all()) {
      if (actor.epoch !== undefined) held.set(actor.rid, { actor, epoch: actor.epoch })
    }
    try {
      const { lost, unknown } = await ownership.renew([...held.keys()])
      for (const rid of lost) this.#lose(rid, held.get(rid)?.epoch)
      const isUnknown = new Set(unknown)
      const retaken = [...held.values()].flatMap(({ actor }) =>
        // A journal that took the role although its answer was lost knows an owner, but of another epoch.
        isUnknown.has(actor.rid) || actor.passesJournalBy ? [actor] : [],
      )
      await this.#tend(retaken, true)
    } catch (err) {
      log.debug({ err }, 'the ownership of roles could not be looked at; the next time it is')
    }
    await this.#tend(
      [...held.values()].flatMap(({ actor }) => (actor.unsettled ? [actor] : [])),
      false,
    )
  }

  #lose(rid: string, epoch: number | undefined): void {
    const { actors, log, renewals } = this.#options
    if (epoch === undefined) return
    log.warn({ rid, epoch }, 'another server owns a role by now; it ends here')
    renewals.inc({ outcome: 'lost' })
    actors.fenced(rid, epoch)
  }

  async #tend(tended: readonly RoleActor[], retake: boolean): Promise<void> {
    const { renewals, retakesParallel } = this.#options
    // One iterator for all workers: each takes the next actor that nobody has taken.
    const actors = tended.values()
    const work = async () => {
      for (const actor of actors) {
        if (this.#stopped) return
        const before = actor.epoch
        await actor.tend({ retake })
        if (actor.epoch !== before) renewals.inc({ outcome: 'retaken' })
      }
    }
    await Promise.all(Array.from({ length: Math.min(retakesParallel, tended.length) }, work))
  }
}
