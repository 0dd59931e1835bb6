import { bodyCodec, badRequest, HydraError, routes, type Route } from '@hydra/protocol'
import { withSpan, type Clock, type Logger, type Span, type Tracer } from '@hydra/runtime'
import type { GateMetrics } from '../gate-metrics.ts'
import type { LocalHandler } from '../handlers.ts'
import { emptyBody } from '../packet/encode-message.ts'
import { inflateBody } from '../packet/inflate-body.ts'
import type { ClientMessage } from '../packet/on-packet.ts'
import type { SessionCloser } from '../session/close-session.ts'
import type { Session } from '../session/session.ts'
import { roleToEnter, type Done, type RequestForwarder } from './forward-request.ts'
import { takeToken, type RateLimit } from './rate-limit.ts'
import type { RouteRates } from './route-rates.ts'
import type { Responder } from './respond.ts'
import { findRoute, judge } from './routing-table.ts'

/** What taking messages needs. */
export interface MessageHandlerOptions {
  readonly forwarder: RequestForwarder
  /** Handlers of the gate's own public routes by name. */
  readonly local: ReadonlyMap<string, LocalHandler>
  readonly responder: Responder
  readonly closer: Pick<SessionCloser, 'close'>
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Pick<GateMetrics, 'requests' | 'rateLimited'>
  /** Traces of clients begin here: their protocol has no place for one of their own. */
  readonly tracer: Tracer
  readonly rateLimit: RateLimit
  readonly routeRates: RouteRates
  /** Requests of one session that are unanswered or held back. */
  readonly pendingPerSession: number
  readonly maxInflatedBytes: number
}

interface Arrival {
  readonly session: Session
  readonly message: ClientMessage
  readonly arrivedMs: number
}

/** Takes the messages of clients: limits, order, judgement; then a handler of the gate's own, or a backend. */
export class MessageHandler {
  readonly #options: MessageHandlerOptions
  readonly #idleWaiters: (() => void)[] = []
  readonly #tooManyPending: HydraError
  #underWay = 0
  #draining = false

  constructor(options: MessageHandlerOptions) {
    this.#options = options
    this.#tooManyPending = tooManyPending(options.pendingPerSession)
  }

  /** From now on new requests are refused. Resolves when those under way are answered. */
  drain(): Promise<void> {
    this.#draining = true
    if (this.#underWay === 0) return Promise.resolve()
    return new Promise((resolve) => void this.#idleWaiters.push(resolve))
  }

  /** Takes one message. Never throws. */
  readonly onMessage = (session: Session, message: ClientMessage): void => {
    const { clock, closer, metrics, rateLimit, pendingPerSession } = this.#options
    const arrivedMs = clock.monotonicMs()
    const arrival: Arrival = { session, message, arrivedMs }
    const verdict = takeToken(session, rateLimit, arrivedMs)
    if (verdict !== 'allowed') {
      metrics.rateLimited.inc({ scope: 'session' })
      if (verdict === 'closed') return closer.close(session, 'RATE_LIMITED')
      return this.#refuse(arrival, rateLimited)
    }
    const { queue, inFlight } = session
    if (inFlight + queue.size >= pendingPerSession) this.#refuse(arrival, this.#tooManyPending)
    else if (queue.isHolding) queue.push(() => this.#handle(arrival))
    else this.#handle(arrival)
  }

  #handle(arrival: Arrival): void {
    const { session, message } = arrival
    if (session.phase === 'closed') return
    let route: Route
    let body: Uint8Array
    try {
      if (this.#draining) throw shuttingDown
      route = judge(session, message)
      if (!this.#isWithinRate(arrival, route)) return
      body = this.#plainBody(session, message)
    } catch (thrown) {
      return this.#onRefused(arrival, HydraError.from(thrown))
    }
    const span = this.#begin(session, route)
    const local = this.#options.local.get(route.name)
    if (local !== undefined && changesNothing.has(route.name)) this.#answer(arrival, route, span, local, body)
    else if (local !== undefined)
      this.#change(arrival, route, span, (done) =>
        withSpan(span, () => this.#runLocal(arrival, route, local, body, done)),
      )
    else if (route === enter)
      this.#change(arrival, route, span, (done) => this.#enter(arrival, body, span, done))
    else {
      const done = this.#start(arrival, route, span)
      this.#options.forwarder.forward(session, route, message, { body, span }, done)
    }
  }

  /** Refuses, or closes, when the route has a limit of its own that this message exceeds. */
  #isWithinRate(arrival: Arrival, route: Route): boolean {
    const { routeRates, metrics, closer } = this.#options
    const verdict = routeRates.take(arrival.session, route.name, arrival.arrivedMs)
    if (verdict === 'allowed') return true
    metrics.rateLimited.inc({ scope: 'route' })
    if (verdict === 'closed') closer.close(arrival.session, 'RATE_LIMITED')
    else this.#refuse(arrival, rateLimited)
    return false
  }

  /** Begins the trace of a request that is taken; refusals come in floods, and have none. */
  #begin({ sessionId }: Session, route: Route): Span | undefined {
    const { tracer } = this.#options
    if (!tracer.on) return undefined
    return tracer.begin(route.name, {
      kind: 'server',
      attributes: { 'rpc.system.name': 'hydra', 'rpc.method': route.name, 'session.id': sessionId },
    })
  }

  /** Counts a request as under way until the returned function is called with its outcome. */
  #start(arrival: Arrival, route: Route, span: Span | undefined): Done {
    const measure = this.#measure(arrival, route)
    this.#underWay++
    return (code) => {
      measure(code)
      span?.end(code)
      if (--this.#underWay === 0) for (const wake of this.#idleWaiters.splice(0)) wake()
    }
  }

  /** Runs what changes the session itself: what the client sends meanwhile is judged afterwards. */
  #change(arrival: Arrival, route: Route, span: Span | undefined, run: (done: Done) => void): void {
    const { session } = arrival
    const release = session.queue.hold()
    const finish = this.#start(arrival, route, span)
    let settle = () => {}
    session.changing = new Promise((resolve) => (settle = resolve))
    run((code) => {
      finish(code)
      session.changing = undefined
      settle()
      release()
    })
  }

  /** Runs what leaves the session as it is: nothing waits for it, however long the database takes. */
  #answer(
    arrival: Arrival,
    route: Route,
    span: Span | undefined,
    local: LocalHandler,
    body: Uint8Array,
  ): void {
    const { session } = arrival
    const finish = this.#start(arrival, route, span)
    session.inFlight++
    const done: Done = (code) => {
      session.inFlight--
      finish(code)
    }
    withSpan(span, () => this.#runLocal(arrival, route, local, body, done))
  }

  #enter({ session, message }: Arrival, body: Uint8Array, span: Span | undefined, done: Done): void {
    session.enteringRid = roleToEnter(session, body)
    this.#options.forwarder.forward(session, enter, message, { body, span }, (code) => {
      // Without an answer the role may be active all the same.
      if (code !== 'TIMEOUT' && code !== 'SERVER_GONE') session.enteringRid = undefined
      done(code)
    })
  }

  #runLocal(
    { session, message }: Arrival,
    route: Route,
    handler: LocalHandler,
    bytes: Uint8Array,
    done: Done,
  ): void {
    const { log, responder } = this.#options
    const run = async (): Promise<void> => {
      let code = 'OK'
      try {
        const codec = bodyCodec(session.serializer)
        const parsed = route.request.safeParse(codec.decode(bytes))
        if (!parsed.success) throw badRequest(route.name, parsed.error)
        responder.send(session, message, codec.encode(await handler(session, parsed.data)), false)
      } catch (thrown) {
        const error = HydraError.from(thrown)
        if (error.code === 'INTERNAL') log.error({ route: route.name, err: thrown }, 'a handler failed')
        responder.refuse(session, message, error)
        code = error.code
      }
      done(code)
    }
    void run()
  }

  /** @throws HydraError `PAYLOAD_TOO_LARGE`, `PROTOCOL_ERROR`. */
  #plainBody({ serializer }: Session, { body, compressed }: ClientMessage): Uint8Array {
    if (compressed === true) return inflateBody(body, this.#options.maxInflatedBytes)
    // libpitaya sends no body where others send an empty object.
    return body.length > 0 ? body : emptyBody[serializer]
  }

  #onRefused(arrival: Arrival, error: HydraError): void {
    const { closer } = this.#options
    if (error.code === 'PAYLOAD_TOO_LARGE') closer.close(arrival.session, 'PACKET_TOO_LARGE', error.message)
    else if (error.code === 'PROTOCOL_ERROR') closer.close(arrival.session, 'PROTOCOL_ERROR', error.message)
    else this.#refuse(arrival, error)
  }

  #refuse(arrival: Arrival, error: HydraError): void {
    const { session, message } = arrival
    this.#options.responder.refuse(session, message, error)
    this.#measure(arrival, findRoute(message.route))(error.code)
  }

  #measure({ arrivedMs }: Arrival, route: Route | undefined): Done {
    const { clock, metrics } = this.#options
    const name = route?.name ?? 'unknown'
    return (code) => metrics.requests.note(name, code, (clock.monotonicMs() - arrivedMs) / 1_000)
  }
}

const { enter } = routes.game.role
const changesNothing: ReadonlySet<string> = new Set([routes.gate.session.renew.name])

// Refusals come in floods: one error for all, whose stack is captured and whose body is encoded once.
const rateLimited = new HydraError(
  'RATE_LIMITED',
  'Too many messages in a short time; slow down or be disconnected.',
)
const tooManyPending = (max: number) =>
  new HydraError('SERVER_BUSY', `${max} requests of this connection are unanswered; wait for some of them.`)
const shuttingDown = new HydraError('SHUTTING_DOWN', 'This gate is shutting down; connect to another.')
