import { PeriodicLook, type Clock, type Logger } from '@hydra/runtime'
import type { RoleActors } from '../actor/role-actors.ts'
import type { ActorSession } from '../actor/role-session.ts'
import { mayHelpLater, type ChatLink, type Telling } from './chat-link.ts'

/** What telling late needs. */
export interface LateArrivalsOptions {
  readonly actors: Pick<RoleActors, 'runIfHere' | 'sessionOf'>
  readonly chat: Pick<ChatLink, 'entered'>
  readonly clock: Clock
  readonly log: Logger
  /** Between looks at who is to be told of; doubles with each failure for the same role. */
  readonly intervalMs: number
  /** Roles at one time; the oldest makes room, and is shown as offline until it next enters. */
  readonly waitingMax: number
}

/** A role that chat does not know. */
interface Waiting {
  readonly session: ActorSession
  readonly delayMs: number
  readonly dueMs: number
}

/** Chat is told of so many at one time. */
const tellingAtOnce = 32

/** The longest pause between two tries. */
const delayMaxMs = 60_000

/** How long one try may wait for its turn and for chat. */
const tryMs = 5_000

/**
 * Tells chat of roles that it could not be told of when they entered, as when many come at once because a gate or a chat
 * server was restarted: until it knows them, their players are shown as offline and hear nothing. Each is told in a turn of
 * its role, so that the end of the presence cannot be overtaken. What chat refuses for good is not told again.
 *
 * @example const late = new LateArrivals(options).start()
 */
export class LateArrivals {
  readonly #options: LateArrivalsOptions
  readonly #periodic: PeriodicLook
  readonly #waiting = new Map<string, Waiting>()

  constructor(options: LateArrivalsOptions) {
    this.#options = options
    const { clock, intervalMs } = options
    this.#periodic = new PeriodicLook({ clock, intervalMs, look: () => this.#look() })
  }

  /** Roles that chat is to be told of. */
  get size(): number {
    return this.#waiting.size
  }

  start(): this {
    this.#periodic.start()
    return this
  }

  /** Begins nothing new. */
  stop(): void {
    this.#periodic.stop()
  }

  /**
   * Chat may not know that this session has entered the role: it could not be told, or the role has come from another
   * server, which may not have come to it any more.
   */
  note(rid: string, session: ActorSession): void {
    const { waitingMax, intervalMs } = this.#options
    this.#waiting.delete(rid)
    const [oldest] = this.#waiting.keys()
    if (oldest !== undefined && this.#waiting.size >= waitingMax) this.#waiting.delete(oldest)
    this.#wait(rid, session, intervalMs)
  }

  /** Chat has been told of this session, or of a newer one, or has refused it for good. */
  settled(rid: string, { epoch }: Pick<ActorSession, 'epoch'>): void {
    const waiting = this.#waiting.get(rid)
    if (waiting !== undefined && waiting.session.epoch <= epoch) this.#waiting.delete(rid)
  }

  /** Looks once at those that are due. Never rejects. */
  look(): Promise<void> {
    return this.#periodic.now()
  }

  #wait(rid: string, session: ActorSession, delayMs: number): void {
    this.#waiting.set(rid, { session, delayMs, dueMs: this.#options.clock.monotonicMs() + delayMs })
  }

  async #look(): Promise<void> {
    const nowMs = this.#options.clock.monotonicMs()
    const due = [...this.#waiting].filter(([, { dueMs }]) => dueMs <= nowMs)
    for (let from = 0; from < due.length && !this.#periodic.stopped; from += tellingAtOnce) {
      await Promise.all(due.slice(from, from + tellingAtOnce).map(([rid, one]) => this.#try(rid, one)))
    }
  }

  async #try(rid: string, one: Waiting): Promise<void> {
    const telling = await this.#tell(rid, one.session)
    // Another session may have entered meanwhile.
    if (this.#waiting.get(rid) !== one) return
    this.#waiting.delete(rid)
    if (telling === 'later') this.#wait(rid, one.session, Math.min(one.delayMs * 2, delayMaxMs))
  }

  /** `told` as well where there is nothing more to be told: the role has left, or another session plays it. */
  async #tell(rid: string, session: ActorSession): Promise<Telling> {
    const { actors, chat, clock, log } = this.#options
    const untilMs = clock.monotonicMs() + tryMs
    const caller = { remainingMs: () => untilMs - clock.monotonicMs() }
    try {
      const telling = await actors.runIfHere(rid, caller, ({ state }) =>
        actors.sessionOf(rid)?.epoch === session.epoch
          ? chat.entered(state, session, { again: true })
          : ('told' as const),
      )
      return telling ?? 'told'
    } catch (err) {
      // The role had no turn for it.
      if (mayHelpLater(err)) return 'later'
      log.warn({ rid, err }, 'chat was not told of a role; it is shown as offline')
      return 'never'
    }
  }
}
