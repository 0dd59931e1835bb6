import { roleElsewhere, RoleWriter } from '@hydra/persistence'
import { HydraError } from '@hydra/protocol'
import type { Timer } from '@hydra/runtime'
import { LeaveSteps } from './leave-steps.ts'
import { Mailbox } from './mailbox.ts'
import type { ActorEnd, Caller, RoleActorHost, ServiceCaller } from './role-actor-host.ts'
import type { ActorSession, Leave, LeaveState } from './role-session.ts'
import type { RoleTurn } from './role-turn.ts'
import { RoleTurns } from './role-turns.ts'
import type { RoleState } from '../role/role.ts'
import { toSnapshot } from '../role/role-data.ts'
import { sessionEnded, SessionFence } from './session-fence.ts'

/** Where an actor stands. `grace`: its session ended, the player may come back. `gone`: it does nothing any more. */
export type ActorStage = 'loading' | 'active' | 'grace' | 'leaving' | 'gone'

/** A job. @example (role) => role.change((state) => renamed(state, 'Ada')) */
export type RoleJob<T> = (role: RoleTurn) => T | Promise<T>

/** What calls fail with whose turn had not come when the actor ended: they are for the next actor of the role. */
export const actorGone: unique symbol = Symbol('the actor is gone')

/**
 * One role in memory and the only writer of it: requests are handled one after another, each change is stored
 * before it is answered, and the last thing it does is to save and release the role.
 */
export class RoleActor {
  readonly rid: string
  readonly uid: string
  /** Resolves when the role is loaded, or could not be. */
  readonly settled: Promise<void>
  readonly #host: RoleActorHost
  readonly #mailbox: Mailbox
  readonly #fence = new SessionFence()
  #stage: Exclude<ActorStage, 'grace'> = 'loading'
  #role: RoleWriter<RoleState> | undefined
  #turns: RoleTurns | undefined
  /** Whether {@link tend} has a job in the mailbox. */
  #tending = false
  #loadFailure: unknown
  /** Whether the session store was asked if the one that plays the role is the newest of its account. */
  #sessionChecked = false
  /** What {@link RoleActorHost.away} was told last. */
  #isAway = false
  #grace: { readonly timer: Timer; readonly leave: Leave } | undefined
  #leaving: { readonly leave: Leave; readonly done: Promise<LeaveState> } | undefined
  readonly #steps: LeaveSteps
  #usedAtMs: number

  /** Begins to load at once. Without a session, the actor serves {@link runFor} and waits for {@link leave}. */
  constructor(
    host: RoleActorHost,
    role: { readonly rid: string; readonly uid: string; readonly session: ActorSession | undefined },
  ) {
    this.rid = role.rid
    this.uid = role.uid
    this.#host = host
    this.#mailbox = new Mailbox(host.settings.mailboxMaxJobs)
    const { clock, random, log, settings } = host
    this.#steps = new LeaveSteps({ ...role, clock, random, log, backoff: settings.leaveBackoff })
    this.#usedAtMs = host.clock.monotonicMs()
    if (role.session !== undefined) this.#fence.admit(role.session)
    this.settled = Promise.resolve(this.#mailbox.run(() => this.#load(), { beyondBound: true }))
  }

  get stage(): ActorStage {
    return this.#grace !== undefined && this.#stage === 'active' ? 'grace' : this.#stage
  }

  /** Jobs that wait or run. */
  get depth(): number {
    return this.#mailbox.depth
  }

  /** The newest session that has come, if one has. */
  get session(): ActorSession | undefined {
    return this.#fence.newest
  }

  /** When it was last called, by the monotonic clock. */
  get usedAtMs(): number {
    return this.#usedAtMs
  }

  /** The role as of now, for readers that need no turn; `undefined` before it is loaded. */
  get state(): RoleTurn['state'] | undefined {
    return this.#role?.state
  }

  /** Whether a push has failed, so that the stores may not have the state. */
  get unsettled(): boolean {
    return this.#role?.unsettled === true
  }

  /** How the role is owned; `undefined` before it is loaded. */
  get ownership(): { readonly epoch: number; readonly journalled: boolean } | undefined {
    return this.#role
  }

  /**
   * Appends a job. A session newer than those before takes the role over by calling; a grace ends.
   *
   * @throws HydraError `SESSION_ENDED`, `SERVER_BUSY`, `TIMEOUT`, what loading failed with, what the job throws.
   * @throws actorGone when the role left before the job's turn.
   */
  run<T>(caller: Caller, job: RoleJob<T>): T | Promise<T> {
    const { session } = caller
    try {
      if (this.#fence.admit(session)) this.#steps.interrupt()
    } catch (error) {
      return Promise.reject(error)
    }
    this.#usedAtMs = this.#host.clock.monotonicMs()
    this.#endGrace()
    this.#tellAway(false)
    return this.#mailbox.run(() => {
      // A newer session may have come while this one waited for its turn.
      this.#fence.refuseOlder(session.epoch)
      refuseLate(caller)
      const inMemory = this.#host.settings.ackInMemory.has(caller.route)
      if (this.#sessionChecked) return this.#runJob(job, { inMemory })
      return this.#checkSession().then(() => this.#runJob(job, { inMemory }))
    })
  }

  /**
   * Appends a job that no session asks for: it takes nothing over, a grace goes on, and the role stays as idle as it was.
   *
   * @throws HydraError `SERVER_BUSY`, `TIMEOUT`, what loading failed with, what the job throws.
   * @throws actorGone when the role left before the job's turn.
   */
  runFor<T>(caller: Pick<ServiceCaller, 'remainingMs'>, job: RoleJob<T>): T | Promise<T> {
    return this.#mailbox.run(() => {
      refuseLate(caller)
      return this.#runJob(job, { inMemory: false })
    })
  }

  /**
   * Saves and releases the role, after the grace or as the next job. Resolves with `saved` when that is done, with
   * `superseded` when a newer session has come, also while the role was being saved.
   *
   * @throws HydraError what loading failed with. @throws actorGone when the role left before this leave's turn.
   */
  async leave(leave: Leave, options: { readonly grace: boolean }): Promise<LeaveState> {
    if (leave.kind === 'ended') this.#fence.end(leave.session.epoch)
    if (this.#stage === 'loading') await this.settled
    if (this.#stage === 'gone') throw this.#loadFailure ?? actorGone
    if (this.#fence.isNewer(leave.session.epoch)) return 'superseded'
    if (!options.grace || this.#leaving !== undefined) return this.#leaveNext(leave)
    this.#startGrace(leave)
    return 'grace'
  }

  /** Begins the grace for a session that may be gone; its next request proves that it is not. */
  suspect(leave: Leave): void {
    if (this.#leaving === undefined && !this.#fence.isNewer(leave.session.epoch)) this.#startGrace(leave)
  }

  /** Leaves because this server stops: for good if the session has ended, else for another server to go on with. */
  moveAway(): Promise<LeaveState> {
    if (this.#leaving !== undefined) return this.#leaving.done
    const session = this.#fence.newest ?? { sessionId: '', epoch: 0 }
    return this.#leaveNext(this.#grace?.leave ?? { kind: 'moved', reason: 'SHUTDOWN', session })
  }

  /**
   * Leaves as the next job because the role goes on on another server, as its session has asked for. What waits behind it
   * is told to go there, too.
   *
   * @throws HydraError `SESSION_ENDED` when a newer session has come, `STORAGE_UNAVAILABLE` when the role could not be
   * saved in time: it stays as it was. @throws actorGone when the role left before.
   */
  async handOver(session: ActorSession, server: string): Promise<void> {
    const leave: Leave = { kind: 'moved', reason: 'LOGGED_OUT', session, server }
    if ((await this.leave(leave, { grace: false })) !== 'superseded') return
    this.#fence.refuseOlder(session.epoch)
    throw new HydraError(
      'STORAGE_UNAVAILABLE',
      'The role could not be saved in time to go on elsewhere; try again.',
    )
  }

  /**
   * Stores again what could not be stored, and, when the journal does not confirm the owner, takes the role once more: as
   * the next job. Never rejects; answers what went wrong, to be tried again.
   */
  async tend({ retake }: { readonly retake: boolean }): Promise<unknown> {
    // A leave saves by itself; what came behind it would wait for as long as it takes.
    if (this.#stage !== 'active' || this.#leaving !== undefined || this.#tending) return undefined
    this.#tending = true
    try {
      await this.#mailbox.run(() => this.#tend(retake), { beyondBound: true })
      return undefined
    } catch (error) {
      return error === actorGone ? undefined : error
    } finally {
      this.#tending = false
    }
  }

  /**
   * A snapshot of `epoch` was refused because another server owned the role: ends without saving, unless the role was
   * acquired again since. A leave that is under way finds out by itself.
   */
  fencedOff(epoch: number): void {
    if (this.#role !== undefined && this.#role.epoch > epoch) return
    if (!this.#steps.running) this.#end('fenced', actorGone)
  }

  /** Ends all waiting for good: what is not saved by now stays in the journal. */
  giveUp(): void {
    const { running } = this.#steps
    this.#steps.giveUp()
    if (!running) this.#end('given-up', actorGone)
  }

  async #load(): Promise<void> {
    try {
      if (this.#fence.newest !== undefined) await this.#checkSession()
      const { queue } = this.#host
      this.#role = new RoleWriter({ queue, toSnapshot }, await this.#host.load(this.rid, this.uid))
      if (this.#stage === 'loading') this.#stage = 'active'
      this.#host.stored(this.#role.state)
    } catch (error) {
      this.#loadFailure = error
      this.#end('not-loaded', error)
    }
  }

  async #checkSession(): Promise<void> {
    const epoch = await this.#host.newestSessionEpoch(this.uid)
    if (epoch !== undefined && this.#fence.isOlder(epoch)) {
      throw sessionEnded('A newer session of this account has logged in.')
    }
    this.#sessionChecked = true
  }

  async #tend(retake: boolean): Promise<void> {
    const role = this.#loaded()
    if (this.#stage !== 'active') return
    await this.#endIfFenced(role, retake ? this.#retake(role) : role.settle())
  }

  #retake(role: RoleWriter<RoleState>): Promise<void> {
    const { rid } = this
    return role.retake(
      () => this.#host.retake({ rid, epoch: role.epoch }),
      (again) => this.#host.release(again),
    )
  }

  #runJob<T>(job: RoleJob<T>, acknowledged: { readonly inMemory: boolean }): T | Promise<T> {
    const role = this.#loaded()
    this.#turns ??= new RoleTurns(role, this.#host)
    const result = job(this.#turns.of(acknowledged))
    // Only a change can find out that the role is fenced, and a change is a promise.
    return result instanceof Promise ? this.#endIfFenced(role, result) : result
  }

  #endIfFenced<T>(role: RoleWriter<RoleState>, result: Promise<T>): Promise<T> {
    return result.finally(() => {
      if (role.fenced) this.#end('fenced', actorGone)
    })
  }

  #startGrace(leave: Leave): void {
    if (this.#grace !== undefined) return
    const timer = this.#host.clock.after(this.#host.settings.graceMs, () => {
      this.#leaveNext(leave).catch((err: unknown) => {
        if (err !== actorGone) this.#host.log.error({ rid: this.rid, err }, 'a role could not leave')
      })
    })
    this.#grace = { timer, leave }
    this.#tellAway(true)
  }

  #tellAway(isAway: boolean): void {
    if (this.#isAway === isAway) return
    this.#isAway = isAway
    this.#host.away(this.rid, isAway)
  }

  #endGrace(): void {
    this.#grace?.timer.cancel()
    this.#grace = undefined
  }

  #leaveNext(leave: Leave): Promise<LeaveState> {
    this.#endGrace()
    const former = this.#leaving
    // Gates repeat a leave. One of another kind does not do what this one has to, which then comes after it.
    if (former !== undefined && isSame(former.leave, leave)) return former.done
    const done = Promise.resolve(this.#mailbox.run(() => this.#leave(leave), { beyondBound: true }))
    this.#leaving = { leave, done }
    return done
  }

  async #leave(leave: Leave): Promise<LeaveState> {
    const role = this.#loaded()
    const yields = leave.kind !== 'moved' || leave.server !== undefined
    if (yields && this.#fence.isNewer(leave.session.epoch)) return this.#stay(leave)
    let end: ActorEnd = 'saved'
    try {
      this.#stage = 'leaving'
      const rule = this.#host.leaving(this.rid)
      if (rule !== undefined) role.changeInMemory(rule)
      // Nothing is given up before the role is saved: a newer session can still have it as it is in memory.
      await this.#save(role, leave, yields)
      // Without the journal nothing is in doubt but the row, and giving that up needs no certainty.
      if (role.inDoubt && role.journalled) await this.#steps.untilDone(() => this.#retake(role))
      await this.#steps.untilDone(() => this.#host.release(role))
    } catch (error) {
      if (HydraError.hasCode(error, 'ROLE_ELSEWHERE')) end = 'fenced'
      else if (this.#steps.givenUp) end = 'given-up'
      else return this.#stay(leave)
    }
    if (end !== 'given-up') await this.#endSession(leave)
    const { server } = leave
    this.#end(end, server === undefined ? actorGone : roleElsewhere(this.rid, server), leave)
    return end === 'saved' ? 'saved' : 'absent'
  }

  async #save(role: RoleWriter<RoleState>, { server }: Leave, yields: boolean): Promise<void> {
    const { clock, settings } = this.#host
    // Whoever leaves for good waits for the stores; whoever is only handed over can go on here while they are away.
    const late =
      server === undefined ? undefined : clock.after(settings.handOverMs, () => this.#steps.interrupt())
    try {
      await this.#steps.untilDone(() => role.save(), { yields })
    } finally {
      late?.cancel()
    }
  }

  #stay(leave: Leave): LeaveState {
    if (this.#leaving?.leave === leave) this.#leaving = undefined
    this.#stage = 'active'
    this.#tellAway(false)
    return 'superseded'
  }

  async #endSession(leave: Leave): Promise<void> {
    const { rid, uid } = this
    try {
      await this.#steps.untilDone(() => this.#host.endSession(rid, uid, leave))
    } catch (err) {
      // Only when the server stops meanwhile. The role itself is safe and free.
      this.#host.log.warn({ rid, uid, err }, 'the session of a saved role was left behind')
    }
  }

  #loaded(): RoleWriter<RoleState> {
    if (this.#role === undefined)
      throw new HydraError('INTERNAL', `Role ${this.rid} is used before it is loaded.`)
    return this.#role
  }

  #end(end: ActorEnd, error: unknown, leave?: Leave): void {
    if (this.#stage === 'gone') return
    this.#stage = 'gone'
    this.#endGrace()
    if (end === 'fenced') this.#role?.fence()
    if (end === 'saved' || end === 'fenced') this.#host.queue.forget(this.rid)
    this.#mailbox.close(error)
    this.#host.ended({ rid: this.rid, uid: this.uid, end, leave, role: this.#role })
  }
}

/** Nobody waits any more for what is done now. */
function refuseLate(caller: Pick<ServiceCaller, 'remainingMs'>): void {
  if (caller.remainingMs() > 0) return
  throw new HydraError('TIMEOUT', 'The request waited too long for its turn and was not started.')
}

const isSame = (a: Leave, b: Leave) => a.kind === b.kind && a.session.epoch === b.session.epoch
