import type { LoadedRole, RoleQueue, RoleRule } from '@hydra/persistence'
import type { Clock, Logger } from '@hydra/runtime'
import type { RoleState } from '../role/role.ts'
import type { Backoff } from './retry.ts'
import type { ActorSession, Leave } from './role-session.ts'

/** How an actor ended. `fenced`: another server owns the role by now. `given-up`: unsaved, its journal entry stays. */
export type ActorEnd = 'saved' | 'fenced' | 'not-loaded' | 'given-up'

/** What is known about an actor that has ended. */
export interface EndedActor {
  readonly rid: string
  readonly uid: string
  readonly end: ActorEnd
  /** Why it left, if that was the reason to end. */
  readonly leave: Leave | undefined
  readonly role: LoadedRole<RoleState> | undefined
}

/** What an actor needs from the rest of the server. */
export interface RoleActorHost {
  readonly clock: Clock
  /** 0 to 1, the latter excluded. */
  readonly random: () => number
  readonly log: Logger
  readonly queue: Pick<RoleQueue, 'push' | 'flush' | 'forget'>
  readonly settings: RoleActorSettings
  /** Epoch of the newest session that the account has anywhere, if one is known. */
  newestSessionEpoch(uid: string): Promise<number | undefined>
  /** Takes the ownership of a role and reads it, see `role/load-role.ts`. */
  load(rid: string, uid: string): Promise<LoadedRole<RoleState>>
  /** Takes the ownership once more, under a new epoch. */
  retake(role: { readonly rid: string; readonly epoch: number }): Promise<LoadedRole<RoleState>>
  /** Gives a saved role up; may be repeated. */
  release(role: LoadedRole<RoleState>): Promise<void>
  /** Cleans up behind the session and presence of a role that left; may be repeated. See `role/end-session.ts`. */
  endSession(rid: string, uid: string, leave: Leave): Promise<void>
  /** Tells others of a stored change after which the role looks different to them. Never rejects. */
  changed(before: RoleState, after: RoleState): Promise<void>
  /** The role's player may be gone, and the grace begins; or it has proved to be there. Must not throw. */
  away(rid: string, isAway: boolean): void
  /** The role is about to be saved because it leaves: what its state is to have of the world before, if anything. */
  leaving(rid: string): RoleRule<RoleState> | undefined
  /**
   * Called with each state that was loaded, or that a change has brought, within the turn; `before` is what the change
   * began with. A change of `[role] ackInMemory` is told of when it is answered. Must not throw.
   */
  stored(state: RoleState, before?: RoleState): void
  /** Called once, at the moment from which the role may get another actor. */
  ended(actor: EndedActor): void
}

/** Times and bounds of an actor. */
export interface RoleActorSettings {
  /** How long a role waits for its player to come back. */
  readonly graceMs: number
  /** Requests that one role holds, the one being handled included; `SERVER_BUSY` beyond. */
  readonly mailboxMaxJobs: number
  /** Routes whose changes are answered before the journal has them. */
  readonly ackInMemory: ReadonlySet<string>
  /** How long a role that goes on elsewhere may take to be saved; then it stays, and may be sent there again. */
  readonly handOverMs: number
  /** Between attempts to save or release a role that leaves. */
  readonly leaveBackoff: Backoff
}

/** What a request needs for its turn: who calls, and how long an answer is still awaited. */
export interface Caller {
  readonly session: ActorSession & { readonly uid: string }
  readonly route: string
  remainingMs(): number
}

/** What a job needs that no session asks for: another service does, or this server by itself. */
export interface ServiceCaller {
  readonly rid: string
  /** Whose role it is. */
  readonly uid: string
  remainingMs(): number
}

/** The caller of an internal route, for the role that its body names. */
export const serviceCaller = (
  context: Pick<ServiceCaller, 'remainingMs'>,
  { rid, uid }: Omit<ServiceCaller, 'remainingMs'>,
): ServiceCaller => ({ rid, uid, remainingMs: () => context.remainingMs() })
