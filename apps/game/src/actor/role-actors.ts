import { HydraError } from '@hydra/protocol'
import { roleNotFound } from '../role/load-role.ts'
import type { RoleState } from '../role/role.ts'
import { actorGone, RoleActor, type ActorStage, type RoleJob } from './role-actor.ts'
import type { Caller, EndedActor, RoleActorHost, ServiceCaller } from './role-actor-host.ts'
import { nobodyPlays, type ActorSession, type Leave, type LeaveState } from './role-session.ts'

/** What the table of actors needs besides what each actor does. */
export interface RoleActorsOptions {
  readonly host: Omit<RoleActorHost, 'ended'>
  /** Roles in memory at one time; `SERVER_BUSY` to whoever wants to enter beyond. */
  readonly actorsMax: number
  /** How many roles may leave at one time while the server stops. */
  readonly drainParallel: number
  readonly onEnded: (actor: EndedActor) => void
}

/** All roles that this server has in memory: finds or makes the actor of a role, and has them all leave at the end. */
export class RoleActors {
  readonly #options: RoleActorsOptions
  readonly #host: RoleActorHost
  readonly #actors = new Map<string, RoleActor>()
  #draining = false
  #givenUp = 0

  constructor(options: RoleActorsOptions) {
    this.#options = options
    this.#host = {
      ...options.host,
      ended: (actor) => {
        this.#actors.delete(actor.rid)
        if (actor.end === 'given-up') this.#givenUp++
        options.onEnded(actor)
      },
    }
  }

  /** Roles in memory. */
  get size(): number {
    return this.#actors.size
  }

  /** Jobs that wait or run in all mailboxes. */
  get depth(): number {
    let depth = 0
    for (const actor of this.#actors.values()) depth += actor.depth
    return depth
  }

  /** How many actors are at each stage. */
  countByStage(): Readonly<Record<Exclude<ActorStage, 'gone'>, number>> {
    const count = { loading: 0, active: 0, grace: 0, leaving: 0, gone: 0 }
    for (const actor of this.#actors.values()) count[actor.stage]++
    return count
  }

  /** The actors as they are now, for those who look after them. */
  all(): IterableIterator<RoleActor> {
    return this.#actors.values()
  }

  /** Whether a role is in memory, at whatever stage. */
  has(rid: string): boolean {
    return this.#actors.has(rid)
  }

  /** The state of a role that is in memory, for readers that need no turn. */
  peek(rid: string): RoleState | undefined {
    return this.#actors.get(rid)?.state
  }

  /** Who plays a role that is in memory. */
  sessionOf(rid: string): ActorSession | undefined {
    return this.#actors.get(rid)?.session
  }

  /**
   * Runs a job as the next one of a role's mailbox. A role that is not in memory is acquired and loaded first, once
   * for all who wait; a role that is just leaving is waited for and loaded again.
   *
   * @throws HydraError `ROLE_NOT_FOUND`, `ROLE_ELSEWHERE`, `SESSION_ENDED`, `SERVER_BUSY`, `SHUTTING_DOWN`, `TIMEOUT`,
   * `STORAGE_UNAVAILABLE`, what the job throws.
   * @example await actors.run(context, context.session.rid, (role) => role.change((state) => renamed(state, name)))
   */
  run<T>(caller: Caller, rid: string, job: RoleJob<T>): T | Promise<T> {
    const actor = this.#actors.get(rid)
    if (actor?.uid !== caller.session.uid || actor.stage !== 'active')
      return this.#runWhenThere(caller, rid, job)
    const result = actor.run(caller, job)
    if (!(result instanceof Promise)) return result
    return result.catch((error: unknown) => {
      if (error !== actorGone) throw error
      return this.#runWhenThere(caller, rid, job)
    })
  }

  /**
   * Runs a job that no session asks for, as the next one of the role's mailbox. A role that is not in memory is loaded
   * for it and leaves again, unless a session has come meanwhile.
   *
   * @throws HydraError as {@link run}, without `SESSION_ENDED`.
   * @example await actors.runFor(serviceCaller(context, body), (role) => role.changeDurably(rule))
   */
  async runFor<T>(caller: ServiceCaller, job: RoleJob<T>): Promise<T> {
    const { rid, uid } = caller
    for (;;) {
      refuseLate(caller)
      const known = this.#actors.get(rid)
      const actor = known ?? this.#activate(rid, uid, undefined)
      if (actor.uid !== uid) await this.#waitForForeign(actor)
      else {
        try {
          return await actor.runFor(caller, job)
        } catch (error) {
          if (error !== actorGone) throw error
        } finally {
          if (known === undefined) this.#leaveUnplayed(actor)
        }
      }
    }
  }

  /**
   * Runs a job that no session asks for if the role is in memory, as {@link runFor} does; else it is not loaded for it, and
   * the answer is `undefined`.
   *
   * @throws HydraError as {@link RoleActor.runFor}.
   */
  async runIfHere<T>(rid: string, caller: Pick<ServiceCaller, 'remainingMs'>, job: RoleJob<T>) {
    try {
      return await this.#actors.get(rid)?.runFor(caller, job)
    } catch (error) {
      if (error !== actorGone) throw error
      return undefined
    }
  }

  /**
   * Has a role leave whose session ended. A role that is not in memory is taken over and released at once, so that
   * nothing stays behind of a server that died; `absent` when it is not ours to release.
   *
   * @throws HydraError `STORAGE_UNAVAILABLE`, `SERVER_BUSY`: to be tried again.
   */
  async leave(
    role: { readonly rid: string; readonly uid: string },
    leave: Leave,
    grace: boolean,
  ): Promise<LeaveState> {
    const { rid, uid } = role
    for (;;) {
      const known = this.#actors.get(rid)
      if (known !== undefined && known.uid !== uid) return 'absent'
      try {
        if (known !== undefined) return await known.leave(leave, { grace })
        if (this.#draining) return 'absent'
        return await this.#activate(rid, uid, undefined).leave(leave, { grace: false })
      } catch (error) {
        if (HydraError.hasCode(error, 'ROLE_NOT_FOUND') || HydraError.hasCode(error, 'ROLE_ELSEWHERE'))
          return 'absent'
        if (error !== actorGone) throw error
      }
    }
  }

  /** Has a role leave if it is in memory, because its session goes on with another one. */
  async switchFrom(rid: string, session: ActorSession): Promise<void> {
    const actor = this.#actors.get(rid)
    if (actor === undefined) return
    try {
      await actor.leave({ kind: 'switched', reason: 'LOGGED_OUT', session }, { grace: false })
    } catch (error) {
      if (error !== actorGone) throw error
    }
  }

  /**
   * Saves and releases a role that is to go on on another server, as the session that plays it has asked for: nothing, if
   * it is not in memory. Must not be awaited within a turn of the role.
   *
   * @throws HydraError `SESSION_ENDED`, `STORAGE_UNAVAILABLE`: the role stays.
   */
  async handOver(rid: string, session: ActorSession, server: string): Promise<void> {
    try {
      await this.#actors.get(rid)?.handOver(session, server)
    } catch (error) {
      if (error !== actorGone) throw error
    }
  }

  /** Another server owned a role when a snapshot of `epoch` was to be written, as the role queue has found out. */
  fenced(rid: string, epoch: number): void {
    this.#actors.get(rid)?.fencedOff(epoch)
  }

  /** A gate has left the cluster: its sessions are over unless they prove otherwise within the grace. */
  gateLost(gateId: string): number {
    let count = 0
    for (const actor of this.#actors.values()) {
      const { session } = actor
      if (session?.gateId !== gateId) continue
      actor.suspect({ kind: 'ended', reason: 'GATE_LOST', session })
      count++
    }
    return count
  }

  /**
   * Takes no new roles and has all leave, a bounded number at a time; those whose session goes on move to another
   * server. Answers how many were not saved and released within `timeoutMs`; for them, waiting has ended.
   */
  async drain(timeoutMs: number): Promise<{ readonly left: number }> {
    this.#draining = true
    const timer = this.#host.clock.after(timeoutMs, () => {
      for (const actor of this.#actors.values()) actor.giveUp()
    })
    while (this.#actors.size > 0) await this.#moveAllAway()
    timer.cancel()
    return { left: this.#givenUp }
  }

  async #runWhenThere<T>(caller: Caller, rid: string, job: RoleJob<T>): Promise<T> {
    const { session } = caller
    for (;;) {
      refuseLate(caller)
      const actor = this.#actors.get(rid) ?? this.#activate(rid, session.uid, session)
      if (actor.uid === session.uid) {
        try {
          return await actor.run(caller, job)
        } catch (error) {
          if (error !== actorGone) throw error
        }
      } else await this.#waitForForeign(actor)
    }
  }

  /** Only loading proves whose role it is: the actor may have been made for somebody who asked for a foreign role. */
  async #waitForForeign(actor: RoleActor): Promise<void> {
    await actor.settled
    if (actor.stage !== 'gone') throw roleNotFound(actor.rid)
  }

  /** In the background: whoever comes meanwhile waits for it, and so does {@link drain}. */
  #leaveUnplayed(actor: RoleActor): void {
    if (actor.stage === 'gone') return
    actor.leave(nobodyPlays('IDLE'), { grace: false }).catch((err: unknown) => {
      if (err !== actorGone) this.#host.log.error({ rid: actor.rid, err }, 'a role could not leave')
    })
  }

  async #moveAllAway(): Promise<void> {
    // One iterator for all workers: each takes the next actor that nobody has taken.
    const actors = this.#actors.values()
    const work = async () => {
      for (const actor of actors) {
        try {
          await actor.moveAway()
        } catch (err) {
          if (err !== actorGone) this.#host.log.error({ rid: actor.rid, err }, 'a role could not move away')
        }
      }
    }
    await Promise.all(Array.from({ length: this.#options.drainParallel }, work))
  }

  #activate(rid: string, uid: string, session: ActorSession | undefined): RoleActor {
    // The gate sends the request to the next server then, so that players notice nothing of a restart.
    if (this.#draining) throw new HydraError('SHUTTING_DOWN', 'This game server is stopping; ask another.')
    if (this.#actors.size >= this.#options.actorsMax) {
      throw new HydraError(
        'SERVER_BUSY',
        `This game server has ${this.#actors.size} roles, as many as it may.`,
      )
    }
    const actor = new RoleActor(this.#host, { rid, uid, session })
    this.#actors.set(rid, actor)
    return actor
  }
}

function refuseLate(caller: Pick<ServiceCaller, 'remainingMs'>): void {
  if (caller.remainingMs() <= 0) throw new HydraError('TIMEOUT', 'The role was not free in time.')
}
