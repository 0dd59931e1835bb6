import { badRequest, bodyCodec, HydraError, routeByName, type AnyRoute, type Service } from '@hydra/protocol'
import { withSpan, type Clock, type Logger, type Span, type Tracer } from '@hydra/runtime'
import { authorize } from './authorize.ts'
import { startHandlerSpan } from './call-spans.ts'
import type { NotifyFrame, ReplyFrame, RequestFrame, Sender } from './frame.ts'
import { HandlerContext } from './handler-context.ts'
import { composeHandlers, type HandlerInterceptor } from './interceptors.ts'
import type { ServiceHandlers } from '../peer.ts'
import type { RpcLimits } from './rpc-limits.ts'
import type { RpcMetrics } from './rpc-metrics.ts'
import type { SessionIdentity } from '../session-identity.ts'
import { formatTraceparent } from './traceparent.ts'

/** A call that was refused, by its handler or before one was reached. */
export interface RefusedCall {
  /** `unknown` for a route that this server does not answer: what is on the wire then is anybody's invention. */
  readonly route: string
  /** Of the client that asked; `undefined` for a call between servers. */
  readonly session: SessionIdentity | undefined
  readonly error: HydraError
}

/** What a dispatcher needs. */
export interface CallDispatcherOptions {
  readonly selfId: string
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: RpcMetrics
  readonly limits: RpcLimits
  readonly interceptors: readonly HandlerInterceptor[]
  readonly tracer: Tracer
  /** See `RpcPeerOptions.onRefused`. */
  readonly onRefused: ((refused: RefusedCall) => void) | undefined
  /** Sends a reply that somebody waits for until `deadlineMs`, by the monotonic clock. */
  readonly reply: (to: Sender, frame: ReplyFrame, deadlineMs: number) => void
}

/**
 * A handler whose types the table of handlers has checked already: the compiler proved that the function under a
 * name takes that route's context and body, which a lookup by a name from the wire cannot express.
 */
type ErasedHandler = (context: HandlerContext, body: unknown) => unknown

/** A call that has arrived. */
interface Arrival {
  readonly from: Sender
  readonly frame: RequestFrame | NotifyFrame
  readonly startedMs: number
  readonly deadlineMs: number
  readonly context: HandlerContext
  /** That of the call, when there is tracing. */
  readonly span: Span | undefined
}

/**
 * The answering side: checks a call, runs its handler, sends the outcome. Handlers are started in the order in which
 * the calls arrived, each before the next call is looked at.
 */
export class CallDispatcher {
  readonly #options: CallDispatcherOptions
  readonly #handlers = new Map<string, { readonly route: AnyRoute; readonly handle: ErasedHandler }>()
  readonly #idleWaiters: (() => void)[] = []
  readonly #intercepted: ReturnType<typeof composeHandlers>
  #handling = 0
  #draining = false

  constructor(options: CallDispatcherOptions) {
    this.#options = options
    this.#intercepted = composeHandlers(options.interceptors)
  }

  /** Calls being handled. */
  get handling(): number {
    return this.#handling
  }

  /** Adds the handlers of a service. @throws HydraError `INTERNAL` when one is there already or has no contract. */
  serve<S extends Service>(service: S, handlers: ServiceHandlers<S>): void {
    for (const [name, handle] of Object.entries(handlers)) {
      const route = routeByName(name)
      if (route === undefined || !name.startsWith(`${service}.`) || this.#handlers.has(name)) {
        throw new HydraError('INTERNAL', `"${name}" is no route of ${service}, or it has a handler already.`)
      }
      this.#handlers.set(name, { route, handle: handle as ErasedHandler })
    }
  }

  /** From now on every call is refused. Resolves when those being handled are done. */
  drain(): Promise<void> {
    this.#draining = true
    if (this.#handling === 0) return Promise.resolve()
    return new Promise((resolve) => void this.#idleWaiters.push(resolve))
  }

  /** Takes a call or a notify from the wire. Never throws. */
  dispatch(from: Sender, frame: RequestFrame | NotifyFrame): void {
    const { clock, limits, tracer, selfId } = this.#options
    const startedMs = clock.monotonicMs()
    const deadlineMs = startedMs + (frame.kind === 'request' ? frame.remainingMs : limits.defaultTimeoutMs)
    const session = frame.session ?? undefined
    const context = new HandlerContext({
      from: from.id,
      route: frame.route,
      trace: frame.trace,
      deadlineMs,
      clock,
      session,
    })
    const span = tracer.on ? startHandlerSpan(tracer, selfId, from, frame) : undefined
    const arrival: Arrival = { from, frame, startedMs, deadlineMs, context, span }
    if (span === undefined) this.#handle(arrival)
    else withSpan(span, () => this.#handle(arrival))
  }

  #handle(arrival: Arrival): void {
    let result: unknown
    try {
      result = this.#start(arrival)
    } catch (thrown) {
      return this.#finishWithError(arrival, thrown)
    }
    if (result instanceof Promise) this.#await(arrival, result)
    else this.#finish(arrival, result)
  }

  #await(arrival: Arrival, result: Promise<unknown>): void {
    this.#handling++
    void result
      .then(
        (body) => this.#finish(arrival, body),
        (thrown: unknown) => this.#finishWithError(arrival, thrown),
      )
      .finally(() => {
        this.#handling--
        if (this.#handling === 0) for (const wake of this.#idleWaiters.splice(0)) wake()
      })
  }

  /** Checks a call and starts its handler. @throws what refuses the call. */
  #start({ frame, startedMs, deadlineMs, context }: Arrival): unknown {
    const { limits, selfId } = this.#options
    if (this.#draining) throw new HydraError('SHUTTING_DOWN', `The server ${selfId} takes no new work.`)
    const known = this.#handlers.get(frame.route)
    if (known === undefined)
      throw new HydraError('ROUTE_UNKNOWN', `The server ${selfId} does not answer "${frame.route}".`)
    const { route, handle } = known
    if (deadlineMs <= startedMs)
      throw new HydraError('TIMEOUT', `${route.name} arrived after its deadline and was not started.`)
    if (this.#handling >= limits.maxHandling)
      throw new HydraError('SERVER_BUSY', `The server ${selfId} handles as many calls as it may.`)
    authorize(route, frame.session)
    const parsed = route.request.safeParse(bodyCodec(frame.serializer).decode(frame.body))
    if (!parsed.success) throw badRequest(route.name, parsed.error)
    const body: unknown = parsed.data
    if (this.#intercepted === undefined) return handle(context, body)
    return this.#intercepted({ route: route.name, context, body }, () => handle(context, body))
  }

  #finish(arrival: Arrival, result: unknown): void {
    const { from, frame, deadlineMs, context } = arrival
    if (frame.kind === 'request') {
      try {
        const { id, serializer } = frame
        const body = bodyCodec(serializer).encode(result)
        const { update } = context
        this.#options.reply(from, { kind: 'reply', id, error: false, serializer, body, update }, deadlineMs)
      } catch (thrown) {
        return this.#finishWithError(arrival, thrown)
      }
    }
    this.#measure(arrival, 'OK')
  }

  #finishWithError(arrival: Arrival, thrown: unknown): void {
    const { from, frame, deadlineMs } = arrival
    const { log, metrics, reply } = this.#options
    const error = HydraError.from(thrown)
    const { route } = frame
    const traceparent = formatTraceparent(frame.trace)
    const fields = { route, traceparent, from: from.id, sessionId: frame.session?.sessionId, err: thrown }
    if (error.code === 'INTERNAL') log.error(fields, 'a handler failed')
    else {
      log.debug(fields, 'a call was refused')
      this.#tellRefused(arrival, error)
    }
    this.#measure(arrival, error.code)
    if (frame.kind === 'notify') return
    const { id, serializer } = frame
    try {
      const body = bodyCodec(serializer).encode(error.toBody())
      reply(from, { kind: 'reply', id, error: true, serializer, body, update: undefined }, deadlineMs)
    } catch (err) {
      // The caller runs into its timeout; nothing smaller than this error can be told to it.
      metrics.dropped.inc({ reason: 'unsent' })
      log.error({ ...fields, err }, 'an error could not be replied')
    }
  }

  /** The caller's answer must not depend on it. */
  #tellRefused({ frame }: Arrival, error: HydraError): void {
    const { onRefused, log } = this.#options
    if (onRefused === undefined) return
    const route = this.#knownRoute(frame.route)
    try {
      onRefused({ route, session: frame.session ?? undefined, error })
    } catch (err) {
      log.error({ route, err }, 'a refused call could not be told of')
    }
  }

  #knownRoute(route: string): string {
    return this.#handlers.has(route) ? route : 'unknown'
  }

  #measure({ frame: { route }, startedMs, span }: Arrival, code: string): void {
    span?.end(code)
    const { clock, metrics } = this.#options
    metrics.handled.note(this.#knownRoute(route), code, (clock.monotonicMs() - startedMs) / 1_000)
  }
}
