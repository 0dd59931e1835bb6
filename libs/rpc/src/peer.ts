import type {
  AnyRoute,
  EventContract,
  HandlersOf,
  HydraError,
  PayloadOf,
  Push,
  RequestOf,
  ResponseOf,
  RouteName,
  Serializer,
  Service,
} from '@hydra/protocol'
import type { Span } from '@hydra/runtime'
import type { RoleSession, SessionIdentity, SessionUpdate, UserSession } from './session-identity.ts'

/** Whom a call is for: one server, or one chosen among the live, non-draining servers of a type. */
export type Target =
  | { readonly server: string }
  /** Rendezvous hash of the key: one key stays on one server while the set of servers stays. */
  | { readonly type: Service; readonly key: string }
  /** The one with the fewest calls of this peer under way; of several, each in turn. */
  | { readonly type: Service; readonly by: 'load' }
  /** Whichever; each in turn. */
  | { readonly type: Service }

/** Options of one call. */
export interface CallOptions {
  readonly to: Target
  /** How long to wait in all; the rest of it travels with the call. The peer's default when absent. */
  readonly timeoutMs?: number
  /** W3C `traceparent` of the caller; a new trace when absent. */
  readonly traceparent?: string
  /** The span that asks, when there is tracing: the active one when absent, none when `null`. */
  readonly span?: Span | null
  /**
   * What becomes of the call while the bus is not connected: it fails at once with `SERVER_GONE`, or waits for the
   * connection up to its deadline. `fail` when absent.
   */
  readonly whenDisconnected?: 'fail' | 'wait'
}

/** What every handler can see. */
export interface CallContext {
  /** Id of the server that sent the call. */
  readonly from: string
  readonly traceparent: string
  /** Milliseconds until the caller gives up; 0 when that has passed. */
  remainingMs(): number
}

/** What the handler of a public route can see. */
export interface ClientCallContext<Session extends SessionIdentity = SessionIdentity> extends CallContext {
  readonly session: Session
  /** Name of the route, for rules that hold for some routes and not for others. */
  readonly route: string
  /** Has the gate note something on the session before the client sees the response. */
  updateSession(update: SessionUpdate): void
}

/** Handler contexts by the `auth` of the route. */
export interface Contexts {
  readonly none: ClientCallContext
  readonly user: ClientCallContext<UserSession>
  readonly role: ClientCallContext<RoleSession>
  readonly internal: CallContext
}

/** The handlers that a service must provide: one per route it owns. */
export type ServiceHandlers<S extends Service> = HandlersOf<S, Contexts>

/** A client's request on its way through the gate: the body stays bytes. */
export interface ForwardedRequest {
  readonly route: RouteName
  readonly session: SessionIdentity
  readonly body: Uint8Array
}

/** Told how a forwarded request ended: one of the two is called, once, and never before `forward` has returned. */
export interface ForwardListener {
  /**
   * Called in the turn in which the reply arrives, before anything that arrives after it is looked at: what a client is
   * sent in here keeps its order with pushes. What it throws goes to {@link onFailure}.
   */
  onReply(reply: ForwardedReply): void
  /** Called when there is no reply, with the errors of {@link RpcPeer.call} except application errors. */
  onFailure(error: HydraError): void
}

/** The answer to a {@link ForwardedRequest}. An application error is a value here: the gate only passes it on. */
export interface ForwardedReply {
  readonly error: boolean
  /** Written with the session's serializer; an `ErrorBody` when `error`. A view: copy it to keep it. */
  readonly body: Uint8Array
  readonly update: SessionUpdate | undefined
}

/** One process' end of all calls: it sends, answers, publishes and listens under one server id. */
export interface RpcPeer {
  /** This server's id in the registry. */
  readonly id: string
  /** Calls sent and not yet answered. */
  readonly inFlight: number
  /**
   * Calls a route of another server (or of this one, which takes the same path).
   *
   * @throws HydraError what the handler threw, or `NO_SERVER`, `SERVER_GONE`, `SERVER_BUSY`, `TIMEOUT`, `SHUTTING_DOWN`.
   * @example await peer.call(routes.gate.session.kick, { sessionId, reason: 'KICKED' }, { to: { server: gateId } })
   */
  call<R extends AnyRoute>(route: R, body: RequestOf<R>, options: CallOptions): Promise<ResponseOf<R>>
  /**
   * Passes a client's request on without decoding it. Never throws. It takes a listener instead of answering a promise,
   * because a promise would put the reply behind whatever arrives with it.
   */
  forward(request: ForwardedRequest, options: CallOptions, listener: ForwardListener): void
  /** Passes a client's notify on; nobody answers. @throws HydraError `NO_SERVER`, `SERVER_GONE`, `SHUTTING_DOWN`. */
  notify(request: ForwardedRequest, options: Pick<CallOptions, 'to' | 'traceparent' | 'span'>): void
  /** Starts answering the routes of a service. Resolves when calls can arrive. */
  serve<S extends Service>(service: S, handlers: ServiceHandlers<S>): Promise<void>
  /** Chooses a server as {@link call} would. @throws HydraError `NO_SERVER`, `SERVER_GONE`. */
  pick(target: Target): string
  /**
   * Sends a push to every client that has joined the topic, on whichever gate. Encoded once per serializer.
   *
   * @param options.order what gates go by to deliver in order when several servers publish the same sequence
   */
  publish<P extends Push>(
    topic: string,
    push: P,
    payload: PayloadOf<P>,
    options?: { readonly order?: TopicOrder },
  ): void
  /** Tells whoever listens. At most once, to each subscriber. */
  emit<E extends EventContract>(event: E, payload: PayloadOf<E>): void
  /** Listens to an event; resolves when it can no longer be missed. What the listener throws is logged. */
  on<E extends EventContract>(
    event: E,
    listener: (payload: PayloadOf<E>) => void | Promise<void>,
  ): Promise<() => void>
  /**
   * Refuses every call from now on with `SHUTTING_DOWN`, by which callers know that it was not started. Resolves when
   * those being handled are answered, at the latest after `timeoutMs`. A server that stops does this before it withdraws
   * its record: callers take the end of the record for the end of their calls.
   */
  drain(timeoutMs: number): Promise<void>
  /** Drains, unless that was done before; then fails what is pending with `SHUTTING_DOWN`. */
  close(timeoutMs: number): Promise<void>
}

/** Place of a push in a sequence. A gate delivers no push whose number is not above the last one of its sequence. */
export interface TopicOrder {
  /** Names the sequence within its topic, which may have several. */
  readonly sequence: string
  readonly seq: number
}

/** A push as it travels from a service to the gates: its body once per serializer. */
export interface TopicMessage {
  readonly push: RouteName
  readonly bodies: Readonly<Record<Serializer, Uint8Array>>
  readonly order?: TopicOrder
}
