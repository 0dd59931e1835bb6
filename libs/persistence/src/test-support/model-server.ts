import { HydraError } from '@hydra/protocol'
import { createMetrics, silentLogger, type ManualClock } from '@hydra/runtime'
import type { OwnedRole, RoleOwnership } from '../role-ownership/role-ownership.ts'
import { createRoleOwnership } from '../role-ownership/create-role-ownership.ts'
import type { Roles } from '../repositories/roles.ts'
import { createRoleQueue } from '../role-queue/create-role-queue.ts'
import { recoverRoles } from '../role-queue/recover-roles.ts'
import { roleQueueConfigSchema } from '../role-queue/role-queue-config.ts'
import type { RoleQueue } from '../role-queue/role-queue.ts'
import type { RoleSnapshot } from '../role-snapshot.ts'
import type { RoleJournal } from '../stores/role-journal.ts'
import { FlakyCalls, type DoneCall } from './flaky.ts'
import { ModelActor, type ModelHost } from './model-actor.ts'
import { MortalClock } from './mortal-clock.ts'
import type { Count } from './role-record.ts'

/** Small bounds, so that short stories reach them. */
export const modelConfig = roleQueueConfigSchema.parse({
  flushIntervalMs: 100,
  flushBatchMax: 2,
  journalBatchMax: 2,
  dirtyMax: 3,
})

/** Everybody's: a queue has no metrics of its own that the model looks at. */
const metrics = createMetrics({ service: 'test' })

/** Codes with which a call to a healthy server may fail while others fail. */
const expectedCodes: ReadonlySet<string> = new Set(['STORAGE_UNAVAILABLE', 'SERVER_BUSY', 'ROLE_ELSEWHERE'])

/** What a server has in common with the others, and what it tells of itself. */
export interface ModelServerDeps {
  readonly id: string
  readonly clock: ManualClock
  readonly journal: RoleJournal
  readonly roles: Roles
  readonly count: Count
  readonly events: {
    taken(server: ModelServer, owned: OwnedRole, again: boolean): void
    pushing(server: ModelServer, snapshot: RoleSnapshot): () => void
    releasing(server: ModelServer, saved: OwnedRole): () => void
    fenced(server: ModelServer, rid: string, epoch: number): void
    /** A store has done what a server has asked for. */
    done(server: ModelServer, call: DoneCall): void
    /** Something went wrong where nobody awaits it. */
    failed(error: unknown): void
  }
}

/** A game server with a network of its own to each store: all of its parts that touch role data, as they are. */
export class ModelServer {
  readonly id: string
  readonly networks: { readonly journal: FlakyCalls; readonly database: FlakyCalls }
  readonly queue: RoleQueue
  /** Servers that this one believes to have left the registry. */
  readonly gone = new Set<string>()
  /** Whether another server has taken this one for gone while it lived. */
  doubted = false
  alive = true
  /** Promises that were handed out and not settled yet. */
  open = 0
  readonly #deps: ModelServerDeps
  readonly #clock: MortalClock
  readonly #journal: RoleJournal
  readonly #roles: Roles
  readonly #ownership: RoleOwnership
  readonly #actors = new Map<string, ModelActor>()
  #renewing = false
  #recovering = false

  constructor(deps: ModelServerDeps) {
    this.id = deps.id
    this.#deps = deps
    this.#clock = new MortalClock(deps.clock)
    const onDone = (call: DoneCall) => deps.events.done(this, call)
    this.networks = { journal: new FlakyCalls({ onDone }), database: new FlakyCalls({ onDone }) }
    this.#journal = this.networks.journal.wrap('journal', deps.journal)
    this.#roles = this.networks.database.wrap('roles', deps.roles)
    const shared = { journal: this.#journal, roles: this.#roles, clock: this.#clock, log: silentLogger }
    this.queue = createRoleQueue({
      ...shared,
      metrics,
      random: () => 0.5,
      config: modelConfig,
      onFenced: (rid, epoch) => {
        deps.events.fenced(this, rid, epoch)
        this.#actors.get(rid)?.fencedOff(epoch)
      },
    })
    this.#ownership = createRoleOwnership({ ...shared, owner: this.id, isGone: this.#isGone })
  }

  readonly #isGone = (id: string): boolean => this.gone.has(id)

  get actors(): readonly ModelActor[] {
    return [...this.#actors.values()]
  }

  actor(rid: string): ModelActor | undefined {
    return this.#actors.get(rid)
  }

  /** Loads a role that is not in memory. */
  enter(rid: string): void {
    if (this.#actors.has(rid)) return
    const actor = new ModelActor(this.#host(), rid)
    this.#actors.set(rid, actor)
    this.#track(actor.load())
  }

  change(rid: string, update: number, options: { readonly inMemory: boolean }): void {
    this.#ask(rid, (actor) => actor.change(update, options))
  }

  save(rid: string): void {
    this.#ask(rid, async (actor) => {
      await actor.save()
      this.#deps.count('flushed')
    })
  }

  leave(rid: string, options: { readonly insists: boolean }): void {
    this.#ask(rid, (actor) => actor.leave(options))
  }

  /** Compares the roles in memory with the journal, as the game server's `OwnershipRenewal` does. */
  renew(): void {
    if (this.#renewing) return
    this.#renewing = true
    this.#track(
      this.#renew().finally(() => {
        this.#renewing = false
      }),
    )
  }

  /** Saves and frees what servers that are gone have left. */
  recover(): void {
    if (this.#recovering) return
    this.#recovering = true
    this.#track(
      this.#recover().finally(() => {
        this.#recovering = false
      }),
    )
  }

  /** SIGKILL. */
  die(keepsArriving: boolean): void {
    this.alive = false
    this.#clock.die()
    this.networks.journal.die(keepsArriving)
    this.networks.database.die(keepsArriving)
  }

  #host(): ModelHost {
    const { events } = this.#deps
    return {
      clock: this.#clock,
      roles: this.#roles,
      ownership: this.#ownership,
      queue: this.queue,
      taken: (owned, again) => events.taken(this, owned, again),
      pushing: (snapshot) => events.pushing(this, snapshot),
      releasing: (saved) => events.releasing(this, saved),
      ended: (actor) => {
        if (this.#actors.get(actor.rid) === actor) this.#actors.delete(actor.rid)
      },
    }
  }

  #ask(rid: string, ask: (actor: ModelActor) => Promise<void>): void {
    const actor = this.#actors.get(rid)
    // More than this are alike.
    if (actor === undefined || actor.depth > 2) return
    this.#track(ask(actor))
  }

  async #recover(): Promise<void> {
    const recovered = await recoverRoles({
      owner: this.id,
      journal: this.#journal,
      roles: this.#roles,
      isGone: this.#isGone,
      log: silentLogger,
      batchMax: 2,
    })
    if (recovered === undefined) return this.#deps.count('recovery elsewhere')
    if (recovered.saved > 0) this.#deps.count('recovered')
    if (recovered.freed > 0) this.#deps.count('freed')
  }

  async #renew(): Promise<void> {
    const held = this.actors.flatMap((actor) => {
      const { rid, ownership } = actor
      return ownership === undefined ? [] : [{ actor, rid, ...ownership }]
    })
    const tend = (actor: ModelActor, retake: boolean) => actor.tend({ retake }).catch(onlyExpected)
    try {
      const unconfirmed = new Set(await this.#ownership.renew(held))
      const retaken = held.filter(({ rid }) => unconfirmed.has(rid))
      await Promise.all(retaken.map(({ actor }) => tend(actor, true)))
    } catch (error) {
      onlyExpected(error)
    }
    const unsettled = held.filter(({ actor }) => actor.unsettled)
    await Promise.all(unsettled.map(({ actor }) => tend(actor, false)))
  }

  #track(promise: Promise<unknown>): void {
    this.open += 1
    promise
      .catch((error: unknown) => {
        const { code } = HydraError.from(error)
        if (!expectedCodes.has(code)) return this.#deps.events.failed(error)
        this.#deps.count(code === 'ROLE_ELSEWHERE' ? 'sent elsewhere' : 'rejected')
      })
      .finally(() => {
        this.open -= 1
      })
  }
}

const onlyExpected = (error: unknown): void => {
  if (!expectedCodes.has(HydraError.from(error).code)) throw error
}
