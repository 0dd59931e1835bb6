import {
  bodyCodec,
  HydraError,
  routeByName,
  type AnyRoute,
  type RequestOf,
  type ResponseOf,
} from '@hydra/protocol'
import type { Clock, Logger, Span } from '@hydra/runtime'
import type { Bus } from '../bus/bus.ts'
import { notConnected } from '../bus/bus-errors.ts'
import type { NotifyFrame, ReplyFrame, RequestFrame, Sender } from './frame.ts'
import { frameBytes } from './frame-writer.ts'
import type { CallEnd, CallInterceptor, OutgoingCall } from './interceptors.ts'
import type { Link, Links } from './link.ts'
import type { Outbox } from './outbox.ts'
import type { CallOptions, ForwardedRequest, ForwardListener, Target } from '../peer.ts'
import { PendingCalls, type PendingCall, type ReplyListener } from './pending-calls.ts'
import { serverGone, type ServerPicker } from './pick-server.ts'
import type { RpcLimits } from './rpc-limits.ts'
import type { RpcMetrics } from './rpc-metrics.ts'
import { startCallSpan } from './call-spans.ts'
import { parseTraceparent } from './traceparent.ts'

/** What the calling side needs. */
export interface CallSenderOptions {
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: RpcMetrics
  readonly limits: RpcLimits
  readonly picker: ServerPicker
  readonly links: Links
  readonly outbox: Outbox
  readonly newTrace: () => Uint8Array
  readonly interceptors: readonly CallInterceptor[]
}

/** The calling side: chooses the server, sends, waits for the reply. */
export class CallSender {
  readonly #options: CallSenderOptions
  readonly #pending: PendingCalls
  #closed = false

  constructor(options: CallSenderOptions) {
    this.#options = options
    this.#pending = new PendingCalls({
      clock: options.clock,
      maxCalls: options.limits.maxInFlight,
      onFailed: (call, error) => this.#onEnd(call, error.code, error),
    })
  }

  get inFlight(): number {
    return this.#pending.size
  }

  call<R extends AnyRoute>(route: R, body: RequestOf<R>, options: CallOptions): Promise<ResponseOf<R>> {
    const { encode, decode } = bodyCodec('msgpack')
    return new Promise((resolve, reject) => {
      this.#request({ route: route.name, session: null, body: encode(body) }, options, {
        onReply(reply) {
          const value = decode(reply.body)
          if (reply.error) reject(HydraError.fromBody(value))
          // The handler's type promises this shape; the server that answers was compiled against the same contract.
          else resolve(value as ResponseOf<R>)
        },
        onFailure: reject,
      })
    })
  }

  forward(request: ForwardedRequest, options: CallOptions, listener: ForwardListener): void {
    this.#request(request, options, listener)
  }

  /** @throws HydraError `NO_SERVER`, `SERVER_GONE`, `SHUTTING_DOWN`, `PAYLOAD_TOO_LARGE`, what an interceptor throws. */
  notify(request: ForwardedRequest, options: Pick<CallOptions, 'to' | 'traceparent' | 'span'>): void {
    const { clock, limits, outbox } = this.#options
    const startedMs = clock.monotonicMs()
    const outgoing = this.#before(request, options)
    const { to, traceparent, timeoutMs, body } = outgoing ?? {
      ...options,
      body: request.body,
      timeoutMs: limits.defaultTimeoutMs,
    }
    const { route, session } = request
    const link = this.#choose(to, 'fail')
    const span = startCallSpan(route, to, options.span)
    try {
      const trace = this.#trace(traceparent ?? span?.traceparent)
      const frame: NotifyFrame = {
        kind: 'notify',
        route,
        trace,
        session,
        serializer: session.serializer,
        body,
      }
      outbox.add({
        subject: link.subject,
        frame,
        bytes: frameBytes(frame),
        deadlineMs: startedMs + timeoutMs,
        waits: false,
        link,
      })
    } catch (thrown) {
      span?.end(HydraError.from(thrown).code)
      throw thrown
    }
    span?.end()
    if (outgoing !== undefined) this.#after(outgoing, { code: 'OK', seconds: 0 })
  }

  /** Takes a reply from the wire; one that nobody waits for is counted and dropped. */
  settle(from: Sender, reply: ReplyFrame): void {
    const call = this.#pending.take(from.id, reply.id)
    if (call === undefined) return this.#options.metrics.lateReplies.inc()
    this.#onEnd(call, reply.error ? codeOf(reply) : 'OK', undefined)
    try {
      call.listener.onReply(reply)
    } catch (thrown) {
      call.listener.onFailure(HydraError.from(thrown))
    }
  }

  /** Fails calls that did not reach their server. */
  failCalls(callIds: readonly number[], error: HydraError): void {
    for (const callId of callIds) this.#pending.fail(callId, error)
  }

  /** Fails what waits for a server that has left. */
  failServer(id: string): void {
    this.#pending.failAll(serverGone, id)
  }

  /** Sends no more; fails what waits. */
  close(): void {
    this.#closed = true
    this.#pending.failAll(() => shuttingDown())
    this.#pending.close()
  }

  #request(
    request: Omit<ForwardedRequest, 'session'> & { readonly session: ForwardedRequest['session'] | null },
    options: CallOptions,
    listener: ReplyListener,
  ): void {
    const { clock, limits, outbox } = this.#options
    const { route, session } = request
    const startedMs = clock.monotonicMs()
    const { whenDisconnected = 'fail' } = options
    let outgoing: OutgoingCall | undefined
    let callId: number | undefined
    let span: Span | undefined
    try {
      outgoing = this.#before(request, options)
      const { to, timeoutMs = limits.defaultTimeoutMs, traceparent } = outgoing ?? options
      const body = outgoing?.body ?? request.body
      span = startCallSpan(route, to, options.span)
      const link = this.#choose(to, whenDisconnected)
      if (timeoutMs <= 0) throw new HydraError('TIMEOUT', `${route} was not sent: no time is left for it.`)
      callId = this.#pending.add({ link, route, timeoutMs, startedMs, listener, outgoing, span })
      const frame: RequestFrame = {
        kind: 'request',
        id: callId,
        route,
        remainingMs: timeoutMs,
        trace: this.#trace(traceparent ?? span?.traceparent),
        session,
        serializer: session?.serializer ?? 'msgpack',
        body,
      }
      outbox.add({
        subject: link.subject,
        frame,
        bytes: frameBytes(frame),
        deadlineMs: startedMs + timeoutMs,
        waits: whenDisconnected === 'wait',
        callId,
        link,
      })
    } catch (thrown) {
      const error = HydraError.from(thrown)
      if (callId !== undefined) return this.#pending.fail(callId, error)
      this.#onEnd({ route, startedMs, outgoing, span }, error.code, error)
      listener.onFailure(error)
    }
  }

  #choose(target: Target, whenDisconnected: 'fail' | 'wait'): Link {
    const { picker, links, bus } = this.#options
    if (this.#closed) throw shuttingDown()
    const server = picker.pick(target)
    if (!bus.connected && whenDisconnected === 'fail') throw notConnected('cluster')
    return links.to(server)
  }

  #trace(traceparent: string | undefined): Uint8Array {
    return traceparent === undefined ? this.#options.newTrace() : parseTraceparent(traceparent)
  }

  /** What the interceptors make of a call; `undefined` when there are none, so that others do not pay for them. */
  #before(
    { route, session, body }: Pick<OutgoingCall, 'route' | 'session' | 'body'>,
    { to, timeoutMs = this.#options.limits.defaultTimeoutMs, traceparent }: CallOptions,
  ): OutgoingCall | undefined {
    const { interceptors } = this.#options
    if (interceptors.length === 0) return undefined
    let call: OutgoingCall = { route, to, timeoutMs, traceparent, session, body }
    for (const interceptor of interceptors) call = interceptor.before?.(call) ?? call
    return call
  }

  #after(call: OutgoingCall, end: CallEnd): void {
    for (const interceptor of this.#options.interceptors.toReversed()) {
      try {
        interceptor.after?.(call, end)
      } catch (err) {
        this.#options.log.error({ route: call.route, err }, 'an interceptor threw after a call')
      }
    }
  }

  #onEnd(
    { route, startedMs, outgoing, span }: Pick<PendingCall, 'route' | 'startedMs' | 'outgoing' | 'span'>,
    code: string,
    error: HydraError | undefined,
  ): void {
    const { clock, metrics } = this.#options
    const seconds = (clock.monotonicMs() - startedMs) / 1_000
    metrics.calls.note(labelOf(route), code, seconds)
    span?.end(code)
    if (outgoing !== undefined) this.#after(outgoing, { code, seconds, error })
  }
}

/** Nobody may add labels to metrics by calling what there is not. */
const labelOf = (route: string): string => (routeByName(route) === undefined ? 'unknown' : route)

/** The code inside an error reply. Only failures are decoded for it. */
function codeOf({ serializer, body }: ReplyFrame): string {
  try {
    return HydraError.fromBody(bodyCodec(serializer).decode(body)).code
  } catch {
    return 'PROTOCOL_ERROR'
  }
}

const shuttingDown = () => new HydraError('SHUTTING_DOWN', 'This server is shutting down and sends no calls.')
