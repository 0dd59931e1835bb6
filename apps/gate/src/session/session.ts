import { limits, type Serializer, type SessionData, type SessionDataChange } from '@hydra/protocol'
import type { PushReader } from '../resume/replay-log.ts'
import type { RateState } from '../request/rate-limit.ts'
import type { RouteRateStates } from '../request/route-rates.ts'
import type { Connection } from '../socket/connection.ts'
import { HoldQueue } from './hold-queue.ts'

/**
 * How far a connection has come: nothing is served before the client has acknowledged the handshake, and nothing
 * after the end.
 */
export type Phase = 'awaiting-handshake' | 'awaiting-ack' | 'working' | 'closed'

/** What a client says of itself, and nobody has checked. */
export interface ClientInfo {
  readonly platform?: string
  readonly version?: string
  /** Whatever the application likes to say. */
  readonly user?: Readonly<Record<string, unknown>>
}

/** The account that a session is bound to. */
export interface SessionUser {
  readonly uid: string
  readonly epoch: number
}

/** The game server that handles a session's requests. */
export interface Binding {
  readonly server: string
  /** Requests sent to it and not yet answered. */
  inFlight: number
  /** Called when the last of them has been answered, after another server took its place. */
  onIdle: (() => void) | undefined
}

/** What goes into the envelope of each request; the form of `SessionIdentity` of libs/rpc. */
export interface Identity {
  readonly sessionId: string
  readonly gateId: string
  readonly serializer: Serializer
  readonly uid?: string
  readonly epoch?: number
  readonly rid?: string
  readonly data?: SessionData
}

/**
 * What a gate knows about one connection. The id lasts from connect to logout or close; after a logout the connection
 * goes on under a new one, so that nothing meant for the former login can reach the next.
 */
export class Session {
  readonly connection: Connection
  readonly openedMs: number
  /** Messages that must not be judged yet. */
  readonly queue = new HoldQueue()
  phase: Phase = 'awaiting-handshake'
  serializer: Serializer = 'json'
  /** Whether the client has the route dictionary, so that pushes may be coded. */
  coded = false
  /** Whether the client can read compressed bodies. */
  compressed = false
  /** Whether the client counts pushes and comes back for what it missed. */
  resumable = false
  /** What it has been sent of its topics, if it is resumable and has joined any. */
  reader: PushReader | undefined
  /** What the client has said of itself in the handshake. */
  client: ClientInfo = {}
  /** When the account's password was shown; present after login. */
  authenticatedAtMs: number | undefined
  /** Failed logins in a row. */
  loginFailures = 0
  /** When the client last sent a packet, by the monotonic clock. */
  lastPacketMs: number
  /** The game server that was chosen; sticky until it leaves or says that another has the role. */
  game: Binding | undefined
  /** A role whose enter has been sent but not answered: it may be active, and must be left when the session ends. */
  enteringRid: string | undefined
  /** Requests sent to backends and not yet answered. */
  inFlight = 0
  /** Settles when the request that changes this session (login, enter, logout) is done. Never rejects. */
  changing: Promise<void> | undefined
  /** Of its heartbeats and acknowledgements, which cost it no tokens of the limit below. */
  control: RateState | undefined
  /** Tokens of the rate limit, below zero while the client goes on in spite of refusals. */
  rateTokens: number
  rateAtMs: number
  /** Of the routes with limits of their own that it has used. */
  routeRates: RouteRateStates | undefined

  #sessionId: string
  #user: SessionUser | undefined
  #rid: string | undefined
  #data: SessionData | undefined
  #identity: Identity | undefined

  constructor(options: {
    readonly connection: Connection
    readonly sessionId: string
    readonly nowMs: number
    readonly rateBurst: number
  }) {
    this.connection = options.connection
    this.openedMs = options.nowMs
    this.lastPacketMs = options.nowMs
    this.rateTokens = options.rateBurst
    this.rateAtMs = options.nowMs
    this.#sessionId = options.sessionId
  }

  get sessionId(): string {
    return this.#sessionId
  }

  /** Present after login. */
  get user(): SessionUser | undefined {
    return this.#user
  }

  /** Present after a role was entered. */
  get rid(): string | undefined {
    return this.#rid
  }

  set rid(rid: string | undefined) {
    this.#rid = rid
    this.#identity = undefined
  }

  /** What services have noted. */
  get data(): SessionData {
    return this.#data ?? {}
  }

  /** Takes a service's change of the data over. Answers whether it could: beyond the limit nothing changes. */
  changeData(change: SessionDataChange): boolean {
    const entries = Object.entries({ ...this.#data, ...change }).filter(([, value]) => value !== null)
    const data = Object.fromEntries(entries) as SessionData
    if (JSON.stringify(data).length > limits.sessionDataMaxChars) return false
    this.#data = entries.length === 0 ? undefined : data
    this.#identity = undefined
    return true
  }

  /** Forgets the data. */
  forgetData(): void {
    this.#data = undefined
    this.#identity = undefined
  }

  /** Binds the session to an account. */
  logIn(user: SessionUser): void {
    this.#user = user
    this.#identity = undefined
  }

  /** Forgets account, role, data and server, and goes on under another id. */
  logOut(sessionId: string): void {
    this.#sessionId = sessionId
    this.#user = undefined
    this.#rid = undefined
    this.#data = undefined
    this.authenticatedAtMs = undefined
    this.reader = undefined
    this.enteringRid = undefined
    this.game = undefined
    this.#identity = undefined
  }

  /** Who is calling, for the envelope; the same object until something changes. */
  identity(gateId: string): Identity {
    this.#identity ??= Object.freeze({
      sessionId: this.#sessionId,
      gateId,
      serializer: this.serializer,
      ...this.#user,
      ...(this.#rid === undefined ? {} : { rid: this.#rid }),
      ...(this.#data === undefined ? {} : { data: this.#data }),
    })
    return this.#identity
  }
}
