import { bodyCodec, HydraError, routes, type Route } from '@hydra/protocol'
import type { ForwardedReply, ForwardListener, RpcPeer, SessionUpdate } from '@hydra/rpc'
import type { Clock, Logger, Span } from '@hydra/runtime'
import type { ClientMessage } from '../packet/on-packet.ts'
import type { SessionCloser } from '../session/close-session.ts'
import type { Binding, Identity, Session } from '../session/session.ts'
import type { ServerChooser } from './choose-server.ts'
import type { Responder } from './respond.ts'

/** What forwarding needs. */
export interface RequestForwarderOptions {
  readonly peer: RpcPeer
  readonly chooser: ServerChooser
  readonly responder: Responder
  readonly closer: Pick<SessionCloser, 'close'>
  readonly clock: Clock
  readonly log: Logger
  readonly requestTimeoutMs: number
}

/** How an exchange ended, `OK` or an error code. */
export type Done = (code: string) => void

/** What a request asks for, and the span that stands for it, when there is tracing. */
export interface Asked {
  readonly body: Uint8Array
  readonly span: Span | undefined
}

/** One request on its way. */
interface Exchange {
  readonly session: Session
  /** Who asked, as it was then: what comes back concerns this login only. */
  readonly identity: Identity
  readonly route: Route
  readonly message: ClientMessage
  readonly asked: Asked
  readonly deadlineMs: number
  readonly done: Done
  followed: boolean
}

/**
 * Passes requests to the servers that answer them, bodies untouched, and their answers back. Calls to one server leave
 * in the order of their requests; answers are sent in the turn in which they arrive.
 */
export class RequestForwarder {
  readonly #options: RequestForwarderOptions

  constructor(options: RequestForwarderOptions) {
    this.#options = options
  }

  /** Never throws; `done` is called once, after the client was answered. */
  forward(session: Session, route: Route, message: ClientMessage, asked: Asked, done: Done): void {
    const { peer, clock, requestTimeoutMs } = this.#options
    const identity = session.identity(peer.id)
    if (message.kind === 'notify') return this.#notify(session, identity, route, message, asked, done)
    session.inFlight++
    this.#send({
      session,
      identity,
      route,
      message,
      asked,
      deadlineMs: clock.monotonicMs() + requestTimeoutMs,
      followed: false,
      done: (code) => {
        session.inFlight--
        done(code)
      },
    })
  }

  #notify(
    session: Session,
    identity: Identity,
    route: Route,
    message: ClientMessage,
    { body, span }: Asked,
    done: Done,
  ): void {
    const { peer, chooser, responder } = this.#options
    try {
      const { to } = chooser.choose(session, route)
      peer.notify({ route: route.name, session: identity, body }, { to, span: recorded(span) })
      done('OK')
    } catch (thrown) {
      const error = HydraError.from(thrown)
      responder.refuse(session, message, error)
      done(error.code)
    }
  }

  #send(exchange: Exchange): void {
    const { peer, chooser, clock } = this.#options
    const { session, identity, route, asked } = exchange
    const attempt = new Attempt(this, exchange)
    try {
      const { to, binding } = chooser.choose(session, route)
      attempt.bind(binding)
      const timeoutMs = Math.max(1, Math.ceil(exchange.deadlineMs - clock.monotonicMs()))
      const { body, span } = asked
      peer.forward(
        { route: route.name, session: identity, body },
        { to, timeoutMs, span: recorded(span) },
        attempt,
      )
    } catch (thrown) {
      attempt.onFailure(HydraError.from(thrown))
    }
  }

  /** Sends the client what its request was answered, or the request to another server. */
  onReply(exchange: Exchange, binding: Binding | undefined, reply: ForwardedReply): void {
    const { responder, closer } = this.#options
    const { session, identity, message } = exchange
    const isSameLogin = session.sessionId === identity.sessionId
    if (!reply.error) {
      if (isSameLogin && reply.update !== undefined) this.#update(exchange, reply.update)
      responder.send(session, message, reply.body, false)
      return exchange.done('OK')
    }
    const error = decodeError(reply.body, identity)
    if (this.#follow(exchange, binding, error)) return
    responder.send(session, message, reply.body, true)
    exchange.done(error.code)
    if (!isSameLogin || error.code !== 'SESSION_ENDED') return
    // After a logout that was heard although it seemed to fail; or a newer login, whose kick may have been lost.
    const isLoggedOut = error.metadata?.['closed'] === true
    closer.close(session, isLoggedOut ? 'LOGGED_OUT' : 'DUPLICATE_LOGIN', error.message)
  }

  #update({ session, route }: Exchange, { rid, data }: SessionUpdate): void {
    if (rid !== undefined) session.rid = rid ?? undefined
    if (data === undefined || session.changeData(data)) return
    const { sessionId, user } = session
    this.#options.log.error(
      { sessionId, uid: user?.uid, route: route.name, names: Object.keys(data) },
      'session data refused: with this change they would be more than a session may carry',
    )
  }

  /** Tells the client that there is no answer, or sends the request to another server. */
  onFailure(exchange: Exchange, binding: Binding | undefined, error: HydraError): void {
    if (!this.#follow(exchange, binding, error)) this.#refuse(exchange, error)
  }

  /** Sends the request to another server when the answer asks for that; once. */
  #follow(exchange: Exchange, binding: Binding | undefined, error: HydraError): boolean {
    const { session, identity } = exchange
    const isOver = session.phase === 'closed' || session.sessionId !== identity.sessionId
    if (isOver || exchange.followed || binding === undefined) return false
    if (!this.#options.chooser.follow(session, binding, error)) return false
    exchange.followed = true
    this.#send(exchange)
    return true
  }

  #refuse(exchange: Exchange, error: HydraError): void {
    this.#options.responder.refuse(exchange.session, exchange.message, error)
    exchange.done(error.code)
  }
}

/** Most requests are not sampled: such a call begins a trace that is not either, which costs less than to go on with one. */
const recorded = (span: Span | undefined): Span | null => (span?.recording === true ? span : null)

/** One sending of a request to one server; that server counts as busy until it is over. */
class Attempt implements ForwardListener {
  readonly #forwarder: RequestForwarder
  readonly #exchange: Exchange
  #binding: Binding | undefined
  #over = false

  constructor(forwarder: RequestForwarder, exchange: Exchange) {
    this.#forwarder = forwarder
    this.#exchange = exchange
  }

  bind(binding: Binding | undefined): void {
    this.#binding = binding
    if (binding !== undefined) binding.inFlight++
  }

  onReply(reply: ForwardedReply): void {
    // The former server counts as busy until the request is on its way to the next.
    this.#forwarder.onReply(this.#exchange, this.#binding, reply)
    this.#end()
  }

  onFailure(error: HydraError): void {
    if (!this.#over) this.#forwarder.onFailure(this.#exchange, this.#binding, error)
    this.#end()
  }

  #end(): void {
    if (this.#over) return
    this.#over = true
    const binding = this.#binding
    if (binding !== undefined && --binding.inFlight === 0) binding.onIdle?.()
  }
}

/** The role that a body of `game.role.enter` names, if it is one. */
export function roleToEnter(session: Session, body: Uint8Array): string | undefined {
  try {
    const parsed = routes.game.role.enter.request.safeParse(bodyCodec(session.serializer).decode(body))
    return parsed.success ? parsed.data.rid : undefined
  } catch {
    // The game server says what is wrong with it.
    return undefined
  }
}

function decodeError(body: Uint8Array, { serializer }: Identity): HydraError {
  try {
    return HydraError.fromBody(bodyCodec(serializer).decode(body))
  } catch (thrown) {
    return HydraError.from(thrown)
  }
}
