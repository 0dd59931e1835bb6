import {
  bodyCodec,
  decodeMessageId,
  encodeMessageId,
  HydraError,
  routes,
  type BodyCodec,
  type Message,
  type PayloadOf,
  type Push,
  type RequestOf,
  type ResponseOf,
  type Route,
  type RouteName,
  type RouteRef,
} from '@hydra/protocol'
import type { ClientClock } from './client-clock.ts'
import { IssueLog, type ClientIssue } from './client-issue.ts'
import { connectionClosed, type CloseReason } from './close-reason.ts'
import type { Connection } from './connection.ts'
import { PendingRequests, type Answer } from './pending-requests.ts'
import { PushListeners } from './push-listeners.ts'
import { TokenRenewal } from './token-renewal.ts'

const { login, renew } = routes.gate.session

/** What a {@link GameClient} needs to know besides its connection. */
export interface GameClientSettings {
  /** How long an answer may take where a request does not say otherwise. */
  readonly timeoutMs: number
  /** Requests that may wait for answers at the same time; further ones fail with `SERVER_BUSY`. */
  readonly maxPendingRequests: number
  /** Whether answers and pushes are checked against their contracts. */
  readonly validateAnswers: boolean
  readonly clock: ClientClock
  readonly onIssue: ((issue: ClientIssue) => void) | undefined
  /** Opens another connection like the first. */
  readonly reopen: () => Promise<Connection>
}

/** The session of a login, as the server names it when the client comes back. */
interface LoggedIn {
  readonly sessionId: string
  /** Pushes received since that login, and in the sessions that it goes on with. */
  pushes: number
}

/** A connected client: requests with their answers, pushes, and the end. Made by `connect`. */
export class GameClient {
  readonly #settings: GameClientSettings
  readonly #codec: BodyCodec
  readonly #pending: PendingRequests
  readonly #issues: IssueLog
  readonly #pushes: PushListeners
  readonly #renewal: TokenRenewal
  readonly #closeListeners = new Set<(reason: CloseReason) => void>()
  #connection: Connection
  #login: LoggedIn | undefined
  #isReopening = false

  constructor(connection: Connection, settings: GameClientSettings) {
    this.#connection = connection
    this.#settings = settings
    this.#codec = bodyCodec(connection.agreement.serializer)
    this.#pending = new PendingRequests({ maxPending: settings.maxPendingRequests, clock: settings.clock })
    this.#issues = new IssueLog(settings.onIssue)
    this.#pushes = new PushListeners({ issues: this.#issues, validate: settings.validateAnswers })
    this.#renewal = new TokenRenewal({
      clock: settings.clock,
      renew: async () => {
        const { token, expiresAtMs, serverTimeMs } = await this.request(renew, {})
        return { token, lifetimeMs: expiresAtMs - serverTimeMs }
      },
    })
    this.#start(connection)
  }

  /** Why the connection ended; `undefined` while it is open. */
  get closed(): CloseReason | undefined {
    return this.#connection.closed
  }

  /**
   * The newest token of the account; `undefined` before a login. It is renewed while the client is logged in, so that it
   * can come back after whatever time, also with another client at another gate.
   */
  get token(): string | undefined {
    return this.#renewal.token
  }

  /** How many requests wait for their answer. */
  get pendingRequests(): number {
    return this.#pending.size
  }

  /** How often each kind of {@link ClientIssue} has occurred. */
  get issueCounts(): Readonly<Record<ClientIssue['kind'], number>> {
    return this.#issues.counts
  }

  /**
   * Calls a route and waits for its answer.
   *
   * @throws HydraError with the code that the server answered; `TIMEOUT`; `CONNECTION_CLOSED`, naming why;
   * `SERVER_BUSY` when too much is waiting here already; `PROTOCOL_ERROR` for an answer that breaks its contract.
   * @example const { role } = await client.request(routes.game.role.create, { name: 'Ada' })
   */
  async request<R extends Route<RouteName, 'request'>>(
    route: R,
    body: RequestOf<R>,
    options: { timeoutMs?: number } = {},
  ): Promise<ResponseOf<R>> {
    if (this.closed !== undefined) throw connectionClosed(this.closed)
    const bytes = this.#codec.encode(body)
    const { id, answer } = this.#pending.open(route.name, options.timeoutMs ?? this.#settings.timeoutMs)
    try {
      this.#connection.send({
        kind: 'request',
        id: encodeMessageId(id),
        route: this.#refOf(route),
        body: bytes,
      })
    } catch (error) {
      this.#pending.fail(id, HydraError.from(error))
    }
    return this.#read(route, await answer)
  }

  /**
   * Logs in with a token from http.
   *
   * @throws as {@link request}: `TOKEN_INVALID`, `TOKEN_EXPIRED`, `ALREADY_LOGGED_IN`, `BANNED`.
   */
  async logIn(token: string): Promise<ResponseOf<typeof login>> {
    return this.#logIn({ token })
  }

  /**
   * After the connection has ended: connects again and logs in, with {@link token} where none is given. `resumed` says whether everything is as before: the
   * same role is entered, and listeners have been given the pushes that were missed, in order. If it is `false`, enter
   * again and read anew what pushes would have told. Listeners to pushes stay; those of {@link onClose} are for one
   * connection.
   *
   * @throws what `connect` and {@link logIn} throw; it may be tried again. `BAD_REQUEST` while the connection is open.
   * @example
   * client.onClose(async ({ kicked }) => {
   *   if (kicked) return
   *   const { resumed } = await client.reconnect()
   *   if (!resumed) await client.request(routes.game.role.enter, { rid })
   * })
   */
  async reconnect(token = this.token): Promise<{ readonly resumed: boolean }> {
    if (token === undefined) {
      throw new HydraError('BAD_REQUEST', 'There was no login yet, and no token is given to log in with.')
    }
    if (this.closed === undefined || this.#isReopening) {
      throw new HydraError(
        'BAD_REQUEST',
        'The connection is open, or being opened; there is nothing to connect.',
      )
    }
    this.#isReopening = true
    try {
      this.#start(await this.#settings.reopen())
    } finally {
      this.#isReopening = false
    }
    const lost = this.#login
    const { resumed = false } = await this.#logIn({
      token,
      ...(lost === undefined ? {} : { resume: { ...lost } }),
    })
    return { resumed }
  }

  /**
   * Sends what needs no answer. It may be lost with the connection.
   *
   * @throws HydraError `CONNECTION_CLOSED`, naming why; `SERVER_BUSY` when too much waits to be sent.
   */
  notify<R extends Route<RouteName, 'notify'>>(route: R, body: RequestOf<R>): void {
    this.#connection.send({ kind: 'notify', route: this.#refOf(route), body: this.#codec.encode(body) })
  }

  /**
   * Listens to a push, in the order of arrival. The returned function ends it.
   *
   * @example const stop = client.on(pushes.chat.channel.message, ({ from, text }) => show(from.name, text))
   */
  on<P extends Push>(push: P, listener: (payload: PayloadOf<P>) => void): () => void {
    return this.#pushes.add(push, listener)
  }

  /**
   * Is told once, when the connection ends; at once if it has ended already. The returned function ends it.
   *
   * @example client.onClose(({ code }) => code === 'DUPLICATE_LOGIN' && showLoggedInElsewhere())
   */
  onClose(listener: (reason: CloseReason) => void): () => void {
    const { closed } = this
    if (closed === undefined) this.#closeListeners.add(listener)
    else queueMicrotask(() => this.#issues.run(() => listener(closed)))
    return () => void this.#closeListeners.delete(listener)
  }

  /** Ends the connection. What is pending fails with `CONNECTION_CLOSED`. Resolves when the socket is closed. */
  close(): Promise<void> {
    return this.#connection.close()
  }

  #start(connection: Connection): void {
    this.#connection = connection
    connection.start({
      onMessage: (message) => this.#receive(message),
      onClosed: (reason) => this.#onClosed(reason),
    })
  }

  async #logIn(body: RequestOf<typeof login>): Promise<ResponseOf<typeof login>> {
    const answer = await this.request(login, body)
    const { tokenExpiresAtMs, serverTimeMs } = answer
    const lifetimeMs = tokenExpiresAtMs === undefined ? undefined : tokenExpiresAtMs - serverTimeMs
    this.#renewal.begin({ token: body.token, lifetimeMs })
    // Pushes of a session that goes on are counted on; those missed have come before this answer.
    const pushes = answer.resumed === true ? (this.#login?.pushes ?? 0) : 0
    this.#login = { sessionId: answer.sessionId, pushes }
    return answer
  }

  #receive(message: Message): void {
    if (message.kind === 'response') {
      const id = decodeMessageId(message.id)
      const settled = this.#pending.settle(id, { error: message.error === true, body: message.body })
      if (!settled) this.#issues.report({ kind: 'unmatched-response', id })
      return
    }
    if (this.#login !== undefined) this.#login.pushes++
    // Servers do not call clients: a request or notify is treated as the push of its route.
    this.#pushes.dispatch(this.#nameOf(message.route), message.body, this.#codec)
  }

  #read<R extends Route>(route: R, answer: Answer): ResponseOf<R> {
    const body = this.#codec.decode(answer.body)
    if (answer.error) throw HydraError.fromBody(body)
    if (!this.#settings.validateAnswers) return body as ResponseOf<R>
    const parsed = route.response.safeParse(body)
    if (parsed.success) return parsed.data as ResponseOf<R>
    throw new HydraError(
      'PROTOCOL_ERROR',
      `The answer to ${route.name} does not have the form of its contract.`,
      {
        cause: parsed.error,
      },
    )
  }

  #onClosed(reason: CloseReason): void {
    this.#renewal.stop()
    this.#pending.failAll(connectionClosed(reason))
    const listeners = [...this.#closeListeners]
    this.#closeListeners.clear()
    for (const listener of listeners) this.#issues.run(() => listener(reason))
  }

  #refOf({ name }: Route): RouteRef {
    return this.#connection.agreement.codeByName.get(name) ?? name
  }

  #nameOf(route: RouteRef): string {
    if (typeof route === 'string') return route
    return this.#connection.agreement.nameByCode.get(route) ?? `code ${route}`
  }
}
