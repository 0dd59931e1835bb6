import {
  HydraError,
  type AnyRoute,
  type EventContract,
  type PayloadOf,
  type Push,
  type RequestOf,
  type ResponseOf,
  type Service,
} from '@hydra/protocol'
import {
  createSparseLog,
  noTracer,
  type Clock,
  type Ids,
  type Logger,
  type Metrics,
  type SparseLog,
  type Tracer,
} from '@hydra/runtime'
import type { Bus, BusSubscription } from '../bus/bus.ts'
import { CallDispatcher, type RefusedCall } from './call-dispatcher.ts'
import { CallSender } from './call-sender.ts'
import { Events } from './events.ts'
import type { Frame, Sender } from './frame.ts'
import { FrameReader, type Batch } from './frame-reader.ts'
import { frameBytes } from './frame-writer.ts'
import { HeldFrames } from './held-frames.ts'
import type { Interceptors } from './interceptors.ts'
import { Links } from './link.ts'
import { Outbox } from './outbox.ts'
import type {
  CallOptions,
  ForwardedRequest,
  ForwardListener,
  RpcPeer,
  ServiceHandlers,
  Target,
  TopicOrder,
} from '../peer.ts'
import { ServerPicker, type Routers } from './pick-server.ts'
import type { Registry } from '../registry/registry.ts'
import { watchDepartures } from './watch-departures.ts'
import { defaultRpcLimits, type RpcLimits } from './rpc-limits.ts'
import { createRpcMetrics, type RpcMetrics } from './rpc-metrics.ts'
import { serverSubject, topicSubject } from '../subjects.ts'
import { encodeTopicMessage } from '../topics/topic-message.ts'
import { createTraces } from './traceparent.ts'
import { within } from '../within.ts'

/** What a peer needs. */
export interface RpcPeerOptions {
  /** Its id and type in the registry. */
  readonly self: { readonly id: string; readonly type: Service }
  /** Name of the cluster; peers of different names never hear each other. */
  readonly env: string
  readonly bus: Bus
  readonly registry: Registry
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Logger
  readonly metrics: Metrics
  /** Those of {@link defaultRpcLimits} where absent. */
  readonly limits?: Partial<RpcLimits>
  /** Rules of one's own for choosing servers, by type. */
  readonly routers?: Routers
  /** What stands around the calls and the handlers of this peer. */
  readonly interceptors?: Interceptors
  /** Goes on with the traces of callers; none when absent. Calls of this peer belong to the span that makes them. */
  readonly tracer?: Tracer
  /**
   * Told of each call that this peer answers with an error other than `INTERNAL`, bodies that no contract allows
   * included: those reach no interceptor and no handler. For what is to be noted of refusals whatever the route.
   */
  readonly onRefused?: (refused: RefusedCall) => void
}

/**
 * Opens a process' end of all calls. Resolves when replies can arrive; announce the server after `serve`.
 *
 * @throws HydraError `BAD_REQUEST` when `env` or `self.id` cannot be part of a bus subject, `SERVER_GONE` when the bus
 * is closed.
 * @example
 * const peer = await createRpcPeer({ self, env: 'dev', bus, registry, clock, ids, log, metrics })
 * await peer.serve('chat', handlers)
 * await registry.announce(record)
 */
export async function createRpcPeer(options: RpcPeerOptions): Promise<RpcPeer> {
  const peer = new BusPeer(options)
  await peer.open()
  return peer
}

const flushTimeoutMs = 500

/** Wires the parts of a peer; each of them holds one concept. */
class BusPeer implements RpcPeer {
  readonly #options: RpcPeerOptions
  readonly #metrics: RpcMetrics
  readonly #warn: SparseLog
  readonly #outbox: Outbox
  readonly #sender: CallSender
  readonly #dispatcher: CallDispatcher
  readonly #events: Events
  readonly #picker: ServerPicker
  readonly #links: Links
  readonly #reader = new FrameReader()
  #subscription: BusSubscription | undefined
  #unwatch: () => void = () => {}
  #unfollow: () => void = () => {}
  #served = false
  #draining: Promise<void> | undefined
  #closing: Promise<void> | undefined
  #closed = false

  constructor(options: RpcPeerOptions) {
    const { self, env, bus, registry, clock, ids, log, routers, interceptors = {} } = options
    const limits = { ...defaultRpcLimits, ...options.limits }
    const held = new HeldFrames(clock, limits.maxHeldBytes)
    const metrics = createRpcMetrics(options.metrics, {
      inFlight: () => this.inFlight,
      handling: () => this.#dispatcher.handling,
      heldBytes: () => held.bytes,
    })
    const warn = createSparseLog(log, clock)
    const links = new Links(env, registry)
    const outbox = new Outbox({
      self,
      bus,
      warn,
      metrics,
      maxBatchBytes: limits.maxBatchBytes,
      maxGatherMs: limits.maxGatherMs,
      clock,
      held,
      onUndelivered: (callIds, error) => this.#sender.failCalls(callIds, error),
    })
    this.#options = options
    this.#metrics = metrics
    this.#warn = warn
    this.#outbox = outbox
    this.#links = links
    this.#picker = new ServerPicker({
      registry,
      selfId: self.id,
      routers,
      outstanding: (id) => links.outstanding(id),
    })
    this.#sender = new CallSender({
      bus,
      clock,
      log,
      metrics,
      limits,
      picker: this.#picker,
      links,
      outbox,
      newTrace: createTraces(ids),
      interceptors: interceptors.calls ?? [],
    })
    this.#dispatcher = new CallDispatcher({
      selfId: self.id,
      clock,
      log,
      metrics,
      limits,
      interceptors: interceptors.handlers ?? [],
      tracer: options.tracer ?? noTracer,
      onRefused: options.onRefused,
      reply: (to, frame, deadlineMs) => {
        const { subject } = links.to(to)
        outbox.add({ subject, frame, bytes: frameBytes(frame), deadlineMs, waits: true })
      },
    })
    this.#events = new Events({ env, selfId: self.id, bus, outbox, log, warn, metrics })
  }

  get id(): string {
    return this.#options.self.id
  }

  get inFlight(): number {
    return this.#sender.inFlight
  }

  async open(): Promise<void> {
    const { bus, env, self, registry, clock } = this.#options
    const subject = serverSubject(env, self.type, self.id)
    this.#subscription = await bus.subscribe(subject, (payload) => this.#receive(payload))
    this.#unwatch = watchDepartures({
      registry,
      clock,
      onGone: (id) => {
        this.#sender.failServer(id)
        this.#links.forget(id)
      },
    })
    this.#unfollow = bus.onConnectedChange((connected) => {
      if (connected) this.#outbox.release()
    })
  }

  call<R extends AnyRoute>(route: R, body: RequestOf<R>, options: CallOptions): Promise<ResponseOf<R>> {
    return this.#sender.call(route, body, options)
  }

  forward(request: ForwardedRequest, options: CallOptions, listener: ForwardListener): void {
    this.#sender.forward(request, options, listener)
  }

  notify(request: ForwardedRequest, options: Pick<CallOptions, 'to' | 'traceparent'>): void {
    this.#sender.notify(request, options)
  }

  async serve<S extends Service>(service: S, handlers: ServiceHandlers<S>): Promise<void> {
    const { self, bus } = this.#options
    if (this.#served || service !== self.type) {
      const problem = this.#served ? 'serves already' : `is a ${self.type} server and cannot serve ${service}`
      throw new HydraError('INTERNAL', `The server ${self.id} ${problem}.`)
    }
    this.#served = true
    this.#dispatcher.serve(service, handlers)
    await bus.flush()
  }

  pick(target: Target): string {
    return this.#picker.pick(target).id
  }

  publish<P extends Push>(
    topic: string,
    push: P,
    payload: PayloadOf<P>,
    options: { readonly order?: TopicOrder } = {},
  ): void {
    this.#refuseWhenClosed()
    const message = encodeTopicMessage(push, payload, options.order)
    this.#outbox.addSingle(topicSubject(this.#options.env, topic), message)
  }

  emit<E extends EventContract>(event: E, payload: PayloadOf<E>): void {
    this.#refuseWhenClosed()
    this.#events.emit(event, payload)
  }

  on<E extends EventContract>(
    event: E,
    listener: (payload: PayloadOf<E>) => void | Promise<void>,
  ): Promise<() => void> {
    return this.#events.on(event, listener)
  }

  drain(timeoutMs: number): Promise<void> {
    this.#draining ??= this.#drain(timeoutMs)
    return this.#draining
  }

  close(timeoutMs: number): Promise<void> {
    this.#closing ??= this.#close(timeoutMs)
    return this.#closing
  }

  async #drain(timeoutMs: number): Promise<void> {
    const handled = this.#dispatcher.drain()
    await this.#within(timeoutMs, handled, 'closed while calls were being handled')
    await this.#flush()
  }

  async #close(timeoutMs: number): Promise<void> {
    // Handlers that still run may call other servers: the sending side closes after them.
    await this.drain(timeoutMs)
    this.#closed = true
    this.#sender.close()
    this.#outbox.flush()
    this.#events.close()
    this.#unwatch()
    this.#unfollow()
    this.#subscription?.unsubscribe()
    await this.#flush()
  }

  #flush(): Promise<void> {
    this.#outbox.flush()
    return this.#within(
      flushTimeoutMs,
      this.#options.bus.flush(),
      'the last messages may not have reached the bus',
    )
  }

  async #within(boundMs: number, work: Promise<void>, problem: string): Promise<void> {
    const { clock, log } = this.#options
    await within(clock, boundMs, work, () => new Error(`not done in ${boundMs} ms`)).catch((err: unknown) =>
      log.warn({ err, handling: this.#dispatcher.handling }, problem),
    )
  }

  #receive(payload: Uint8Array): void {
    this.#metrics.receivedBytes.inc(payload.length)
    let batch: Batch
    try {
      batch = this.#reader.read(payload)
    } catch (err) {
      this.#metrics.dropped.inc({ reason: 'batch' })
      this.#warn({ err, bytes: payload.length }, 'a bus message was dropped')
      return
    }
    const { from, frames, malformed } = batch
    if (malformed > 0) {
      this.#metrics.dropped.inc({ reason: 'frame' }, malformed)
      this.#warn({ from: from.id, malformed }, 'malformed frames were dropped')
    }
    for (const frame of frames) this.#take(from, frame)
    this.#outbox.answered()
  }

  #take(from: Sender, frame: Frame): void {
    if (frame.kind === 'reply') this.#sender.settle(from, frame)
    else this.#dispatcher.dispatch(from, frame)
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw new HydraError('SHUTTING_DOWN', `The server ${this.id} has closed its peer.`)
  }
}
