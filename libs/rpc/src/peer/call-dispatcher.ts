import { badRequest, bodyCodec, HydraError, routeByName, type AnyRoute, type Service } from '@hydra/protocol'
import type { Clock, Logger } from '@hydra/runtime'
import { authorize } from './authorize.ts'
import type { NotifyFrame, ReplyFrame, RequestFrame, Sender } from './frame.ts'
import type { ClientCallContext, CallContext, ServiceHandlers } from '../peer.ts'
import type { RpcLimits } from './rpc-limits.ts'
import type { RpcMetrics } from './rpc-metrics.ts'
import type { SessionUpdate } from '../session-identity.ts'

/** What a dispatcher needs. */
export interface CallDispatcherOptions {
  readonly selfId: string
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: RpcMetrics
  readonly limits: RpcLimits
  readonly reply: (to: Sender, frame: ReplyFrame) => void
}

/**
 * A handler whose types the table of handlers has checked already: the compiler proved that the function under a
 * name takes that route's context and body, which a lookup by a name from the wire cannot express.
 */
type ErasedHandler = (context: CallContext, body: unknown) => unknown

interface Outcome {
  readonly body: unknown
  readonly update: SessionUpdate | undefined
}

/**
 * The answering side: checks a call, runs its handler, sends the outcome. Handlers are started in the order in which
 * the calls arrived, each before the next call is looked at.
 */
export class CallDispatcher {
  readonly #options: CallDispatcherOptions
  readonly #handlers = new Map<string, { readonly route: AnyRoute; readonly handle: ErasedHandler }>()
  readonly #idleWaiters: (() => void)[] = []
  #handling = 0
  #draining = false

  constructor(options: CallDispatcherOptions) {
    this.#options = options
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
    const startedMs = this.#options.clock.monotonicMs()
    let outcome: Outcome | Promise<Outcome>
    try {
      outcome = this.#start(from, frame, startedMs)
    } catch (thrown) {
      this.#finishWithError(from, frame, startedMs, thrown)
      return
    }
    if (!(outcome instanceof Promise)) {
      this.#finish(from, frame, startedMs, outcome)
      return
    }
    this.#handling++
    void outcome
      .then(
        (done) => this.#finish(from, frame, startedMs, done),
        (thrown: unknown) => this.#finishWithError(from, frame, startedMs, thrown),
      )
      .finally(() => {
        this.#handling--
        if (this.#handling === 0) for (const wake of this.#idleWaiters.splice(0)) wake()
      })
  }

  #start(from: Sender, frame: RequestFrame | NotifyFrame, startedMs: number): Outcome | Promise<Outcome> {
    const { clock, limits, selfId } = this.#options
    if (this.#draining) throw new HydraError('SHUTTING_DOWN', `The server ${selfId} takes no new work.`)
    const known = this.#handlers.get(frame.route)
    if (known === undefined)
      throw new HydraError('ROUTE_UNKNOWN', `The server ${selfId} does not answer "${frame.route}".`)
    const { route, handle } = known
    const remainingMs = frame.kind === 'request' ? frame.remainingMs : limits.defaultTimeoutMs
    if (remainingMs <= 0)
      throw new HydraError('TIMEOUT', `${route.name} arrived after its deadline and was not started.`)
    if (this.#handling >= limits.maxHandling)
      throw new HydraError('SERVER_BUSY', `The server ${selfId} handles as many calls as it may.`)
    const session = authorize(route, frame.session)
    const parsed = route.request.safeParse(bodyCodec(frame.serializer).decode(frame.body))
    if (!parsed.success) throw badRequest(route.name, parsed.error)

    const deadlineMs = startedMs + remainingMs
    let update: SessionUpdate | undefined
    const context: CallContext = {
      from: from.id,
      traceparent: frame.traceparent,
      remainingMs: () => Math.max(0, deadlineMs - clock.monotonicMs()),
    }
    const clientContext: Omit<ClientCallContext, keyof CallContext> | undefined = session && {
      session,
      updateSession: (change) => void (update = { ...update, ...change }),
    }
    const result = handle(
      clientContext === undefined ? context : { ...context, ...clientContext },
      parsed.data,
    )
    return result instanceof Promise
      ? result.then((body: unknown) => ({ body, update }))
      : { body: result, update }
  }

  #finish(from: Sender, frame: RequestFrame | NotifyFrame, startedMs: number, outcome: Outcome): void {
    const { reply } = this.#options
    if (frame.kind === 'request') {
      try {
        const { id, serializer } = frame
        const body = bodyCodec(serializer).encode(outcome.body)
        reply(from, { kind: 'reply', id, ok: true, serializer, body, update: outcome.update })
      } catch (thrown) {
        this.#finishWithError(from, frame, startedMs, thrown)
        return
      }
    }
    this.#measure(frame.route, 'OK', startedMs)
  }

  #finishWithError(
    from: Sender,
    frame: RequestFrame | NotifyFrame,
    startedMs: number,
    thrown: unknown,
  ): void {
    const { log, metrics, reply } = this.#options
    const error = HydraError.from(thrown)
    const { route, traceparent } = frame
    const fields = { route, traceparent, from: from.id, sessionId: frame.session?.sessionId, err: thrown }
    if (error.code === 'INTERNAL') log.error(fields, 'a handler failed')
    else log.debug(fields, 'a call was refused')
    this.#measure(route, error.code, startedMs)
    if (frame.kind === 'notify') return
    const { id, serializer } = frame
    try {
      const body = bodyCodec(serializer).encode(error.toBody())
      reply(from, { kind: 'reply', id, ok: false, serializer, body, update: undefined })
    } catch (err) {
      // The caller runs into its timeout; nothing smaller than this error can be told to it.
      metrics.dropped.inc({ reason: 'unsent' })
      log.error({ ...fields, err }, 'an error could not be replied')
    }
  }

  #measure(route: string, code: string, startedMs: number): void {
    const { clock, metrics } = this.#options
    const label = this.#handlers.has(route) ? route : 'unknown'
    metrics.handled.inc({ route: label, code })
    metrics.handleSeconds.observe((clock.monotonicMs() - startedMs) / 1000, { route: label })
  }
}
