import type { SessionData } from '@hydra/protocol'
import type { Clock, Timer } from '@hydra/runtime'
import type { AbsentMember, SessionTopics } from '../push/session-topics.ts'
import type { Session } from '../session/session.ts'

/** What is left of a session whose connection was lost, for the client that comes back. */
export interface ParkedSession extends AbsentMember {
  readonly uid: string
  readonly rid: string
  /** The game server that it was bound to. */
  readonly server: string | undefined
  readonly data: SessionData
}

/** What parking needs. */
export interface ParkedSessionsOptions {
  readonly topics: Pick<SessionTopics, 'release'>
  readonly clock: Clock
  /** How long a session is kept; 0: not at all. */
  readonly windowMs: number
  /** Sessions at one time; beyond, the oldest is given up. */
  readonly maxParked: number
}

/** Sessions that have lost their connections. They stay members of their topics, so that nothing goes by unnoticed. */
export class ParkedSessions {
  readonly #options: ParkedSessionsOptions
  readonly #byId = new Map<string, { readonly session: ParkedSession; readonly timer: Timer }>()

  constructor(options: ParkedSessionsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#byId.size
  }

  get(sessionId: string): ParkedSession | undefined {
    return this.#byId.get(sessionId)?.session
  }

  /** Keeps what a client that can resume has left; answers whether there was anything to keep. */
  park({ sessionId, user, rid, game, data, reader }: Session): boolean {
    const { clock, windowMs, maxParked } = this.#options
    if (user === undefined || rid === undefined || reader === undefined || windowMs === 0) return false
    if (this.size >= maxParked) {
      const [oldest] = this.#byId.keys()
      if (oldest !== undefined) this.drop(oldest)
    }
    const timer = clock.after(windowMs, () => this.drop(sessionId))
    const session = { sessionId, uid: user.uid, rid, server: game?.server, data, reader }
    this.#byId.set(sessionId, { session, timer })
    return true
  }

  /** Hands a session over: its topics and its reader are the caller's to go on with, or to give up. */
  take(sessionId: string): ParkedSession | undefined {
    const parked = this.#byId.get(sessionId)
    parked?.timer.cancel()
    this.#byId.delete(sessionId)
    return parked?.session
  }

  /** Gives a session up. Answers whether it was here. */
  drop(sessionId: string): boolean {
    const session = this.take(sessionId)
    if (session !== undefined) this.#options.topics.release(session)
    return session !== undefined
  }

  /** Gives up all. */
  clear(): void {
    for (const sessionId of this.#byId.keys()) this.drop(sessionId)
  }
}
