import {
  bodyCodec,
  HydraError,
  routeByName,
  type AnyRoute,
  type RequestOf,
  type ResponseOf,
  type RouteName,
  type Serializer,
} from '@hydra/protocol'
import type { Clock } from '@hydra/runtime'
import type { Bus } from '../bus/bus.ts'
import { notConnected } from '../bus/bus-errors.ts'
import { toWire, type ReplyFrame, type Sender } from './frame.ts'
import type { Outbox } from './outbox.ts'
import type { CallOptions, ForwardedReply, ForwardedRequest, ForwardOptions, Target } from '../peer.ts'
import { PendingCalls } from './pending-calls.ts'
import { serverGone, type ServerPicker } from './pick-server.ts'
import type { RpcLimits } from './rpc-limits.ts'
import type { RpcMetrics } from './rpc-metrics.ts'
import type { SessionIdentity } from '../session-identity.ts'

/** What the calling side needs. */
export interface CallSenderOptions {
  readonly bus: Bus
  readonly clock: Clock
  readonly metrics: RpcMetrics
  readonly limits: RpcLimits
  readonly picker: ServerPicker
  readonly outbox: Outbox
  readonly subjectOf: (server: Sender) => string
  readonly newTraceparent: () => string
}

/** A call whose body is written already. */
interface OutgoingCall {
  readonly route: RouteName
  readonly session: SessionIdentity | null
  readonly serializer: Serializer
  readonly body: Uint8Array
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
      onFailed: (call, error) => this.#measure(call.route, error.code, call.startedMs),
    })
  }

  get inFlight(): number {
    return this.#pending.size
  }

  async call<R extends AnyRoute>(route: R, body: RequestOf<R>, options: CallOptions): Promise<ResponseOf<R>> {
    const { serializer, encode, decode } = bodyCodec('msgpack')
    const call = { route: route.name, session: null, serializer, body: encode(body) }
    const reply = await this.#request(call, options)
    const value = decode(reply.body)
    // The handler's type promises this shape; the server that answers was compiled against the same contract.
    if (reply.ok) return value as ResponseOf<R>
    throw HydraError.fromBody(value)
  }

  async forward(request: ForwardedRequest, options: ForwardOptions): Promise<ForwardedReply> {
    const { route, session, body } = request
    const { onReply } = options
    const call = { route, session, serializer: session.serializer, body }
    const onFrame = onReply && ((reply: ReplyFrame) => onReply(forwardedReply(reply)))
    return forwardedReply(await this.#request(call, options, onFrame))
  }

  notify(request: ForwardedRequest, options: Pick<CallOptions, 'to' | 'traceparent'>): void {
    const { route, session, body } = request
    const { serializer } = session
    const traceparent = options.traceparent ?? this.#options.newTraceparent()
    this.#options.outbox.add(
      this.#options.subjectOf(this.#choose(options.to)),
      toWire({ kind: 'notify', route, traceparent, session, serializer, body }),
    )
  }

  /** Takes a reply from the wire; one that nobody waits for is counted and dropped. */
  settle(from: Sender, reply: ReplyFrame): void {
    const call = this.#pending.take(from.id, reply.id)
    if (call === undefined) return this.#options.metrics.lateReplies.inc()
    this.#measure(call.route, reply.ok ? 'OK' : codeOf(reply), call.startedMs)
    try {
      call.onReply?.(reply)
      call.resolve(reply)
    } catch (thrown) {
      call.reject(HydraError.from(thrown))
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

  #choose(target: Target): Sender {
    if (this.#closed) throw shuttingDown()
    const server = this.#options.picker.pick(target)
    // Refused here, because what waits for a lost connection arrives too late to be of use.
    if (!this.#options.bus.connected) throw notConnected('cluster')
    return server
  }

  #request(
    call: OutgoingCall,
    options: CallOptions,
    onReply?: (reply: ReplyFrame) => void,
  ): Promise<ReplyFrame> {
    const { clock, limits, outbox, subjectOf, newTraceparent } = this.#options
    const { route, session, serializer, body } = call
    const startedMs = clock.monotonicMs()
    return new Promise((resolve, reject) => {
      let callId: number | undefined
      try {
        const server = this.#choose(options.to)
        const timeoutMs = options.timeoutMs ?? limits.defaultTimeoutMs
        if (timeoutMs <= 0) throw new HydraError('TIMEOUT', `${route} was not sent: no time is left for it.`)
        const target = server.id
        callId = this.#pending.add({ target, route, timeoutMs, startedMs, onReply, resolve, reject })
        const frame = toWire({
          kind: 'request',
          id: callId,
          route,
          remainingMs: timeoutMs,
          traceparent: options.traceparent ?? newTraceparent(),
          session,
          serializer,
          body,
        })
        outbox.add(subjectOf(server), frame, callId)
      } catch (thrown) {
        const error = HydraError.from(thrown)
        if (callId !== undefined) return this.#pending.fail(callId, error)
        this.#measure(route, error.code, startedMs)
        reject(error)
      }
    })
  }

  #measure(route: string, code: string, startedMs: number): void {
    const { clock, metrics } = this.#options
    const label = routeByName(route) === undefined ? 'unknown' : route
    metrics.calls.inc({ route: label, code })
    metrics.callSeconds.observe((clock.monotonicMs() - startedMs) / 1000, { route: label })
  }
}

const forwardedReply = ({ ok, body, update }: ReplyFrame): ForwardedReply => ({ error: !ok, body, update })

/** The code inside an error reply. Only failures are decoded for it. */
function codeOf({ serializer, body }: ReplyFrame): string {
  try {
    return HydraError.fromBody(bodyCodec(serializer).decode(body)).code
  } catch {
    return 'PROTOCOL_ERROR'
  }
}

const shuttingDown = () => new HydraError('SHUTTING_DOWN', 'This server is shutting down and sends no calls.')
