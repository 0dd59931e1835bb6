import { connect, createInbox, type Msg, type NatsConnection, type NatsError } from 'nats'
import { HydraError } from '@hydra/protocol'
import type { Clock, Logger, Metrics, TlsMaterial } from '@hydra/runtime'
import { keepTrying } from '../keep-trying.ts'
import type { Bus, BusListener, BusSubscription, PublishOptions, SubscribeOptions } from './bus.ts'
import { bufferFull, notConnected, payloadTooLarge } from './bus-errors.ts'
import { observeBus } from './bus-metrics.ts'
import { NatsConfirmations } from './nats-confirmations.ts'
import { NatsInbound } from './nats-inbound.ts'
import { LameDuck } from './nats-lame-duck.ts'
import { followNatsStatus } from './nats-status.ts'
import { NoResponders } from './no-responders.ts'
import { within } from '../within.ts'

/** How to reach NATS. */
export interface NatsBusOptions {
  /** `host:port` or `nats://host:port`; any one of a cluster is enough to find the others. */
  readonly servers: readonly string[]
  /** Shown in the server's list of connections. */
  readonly name: string
  readonly user?: string | undefined
  readonly password?: string | undefined
  /** Instead of user and password. */
  readonly token?: string | undefined
  /** Certificates in PEM; a server that does not speak TLS is refused then. Plain connections when absent. */
  readonly tls?: TlsMaterial | undefined
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** A number in [0, 1), for the jitter of retries: `Math.random`. */
  readonly random: () => number
  /** Ends the first connecting; an open bus is closed by {@link Bus.close}. */
  readonly signal?: AbortSignal
  /** Told why the first connecting has failed so far. */
  readonly onFailure?: (error: unknown) => void
  /** Pause between attempts to reconnect, to which up to as much again is added by chance; 250 when absent. */
  readonly reconnectWaitMs?: number
  /** A server that leaves two pings of this period unanswered is given up; 5,000 when absent. */
  readonly pingIntervalMs?: number
  /** A server that is about to stop is left within this time, when there is another one; 2,000 when absent. */
  readonly lameDuckLeaveMs?: number
  /** Most bytes published and not known to have reached the server, `SERVER_BUSY` beyond; 64 MiB when absent. */
  readonly maxBufferedBytes?: number
}

/** The client waits so long for a server that takes the connection and drops it before its first line. */
const connectTimeoutMs = 2_000
const drainTimeoutMs = 2_000

/**
 * Connects to NATS, trying for ever; reconnects for ever afterwards.
 *
 * @throws the signal's reason once it is aborted.
 * @example const bus = await connectNatsBus({ servers: ['127.0.0.1:4222'], name: 'gate-1', clock, log, metrics, random: Math.random })
 */
export async function connectNatsBus(options: NatsBusOptions): Promise<Bus> {
  const { servers, name, user, password, token, tls, clock, log, random, signal, onFailure } = options
  const reconnectWaitMs = options.reconnectWaitMs ?? 250
  const attempt = () =>
    connect({
      servers: [...servers],
      name,
      timeout: connectTimeoutMs,
      // The client's own waiting for the first connection can be neither logged nor aborted; keepTrying can.
      waitOnFirstConnect: false,
      maxReconnectAttempts: -1,
      reconnectDelayHandler: () => reconnectWaitMs * (1 + random()),
      // Credentials can be repaired while we run; giving up would need a restart of the process.
      ignoreAuthErrorAbort: true,
      pingInterval: options.pingIntervalMs ?? 5_000,
      maxPingOut: 2,
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { pass: password }),
      ...(token === undefined ? {} : { token }),
      ...(tls === undefined ? {} : { tls: { ...tls } }),
    })
  const connection = await keepTrying(attempt, {
    backend: 'nats',
    addresses: servers,
    clock,
    log,
    random,
    ...(signal === undefined ? {} : { signal }),
    ...(onFailure === undefined ? {} : { onFailure }),
  })
  if (signal?.aborted === true) {
    await connection.close()
    signal.throwIfAborted()
  }
  log.info({ server: connection.getServer() }, 'connected to NATS')
  return new NatsBus(connection, options)
}

class NatsBus implements Bus {
  readonly #connection: NatsConnection
  readonly #clock: Clock
  readonly #log: Logger
  readonly #confirmations: NatsConfirmations
  readonly #inbound: NatsInbound
  readonly #lameDuck: LameDuck
  readonly #maxBufferedBytes: number
  readonly #connectedListeners = new Set<(connected: boolean) => void>()
  readonly #noResponders = new NoResponders()
  readonly #inbox = createInbox()
  #connected = true
  #maxPayloadBytes: number
  #closing: Promise<void> | undefined

  constructor(connection: NatsConnection, options: NatsBusOptions) {
    this.#connection = connection
    this.#clock = options.clock
    this.#log = options.log
    this.#maxBufferedBytes = options.maxBufferedBytes ?? 64 * 1024 * 1024
    this.#maxPayloadBytes = connection.info?.max_payload ?? 1024 * 1024
    this.#confirmations = new NatsConfirmations(connection)
    this.#inbound = new NatsInbound(options)
    this.#lameDuck = new LameDuck(connection, {
      ...options,
      confirmations: this.#confirmations,
      leaveWithinMs: options.lameDuckLeaveMs ?? 2_000,
      onLeaving: () => this.#setConnected(false),
    })
    connection.subscribe(`${this.#inbox}.*`, { callback: (_, message) => this.#onNobodyThere(message) })
    observeBus(options.metrics, {
      connected: () => this.#connected,
      bufferedBytes: () => this.#confirmations.unconfirmedBytes,
    })
    followNatsStatus(connection, {
      log: options.log,
      metrics: options.metrics,
      onConnectedChange: (connected) => this.#setConnected(connected),
      onLameDuck: () => this.#lameDuck.noted(),
    })
  }

  get maxPayloadBytes(): number {
    return this.#maxPayloadBytes
  }

  get connected(): boolean {
    return this.#connected
  }

  publish(subject: string, payload: Uint8Array, options?: PublishOptions): void {
    if (!this.#connected) throw notConnected('NATS')
    if (payload.length > this.#maxPayloadBytes) throw payloadTooLarge(payload.length, this.#maxPayloadBytes)
    if (this.#confirmations.unconfirmedBytes + payload.length > this.#maxBufferedBytes)
      throw bufferFull('NATS', this.#maxBufferedBytes)
    const onNoResponders = options?.onNoResponders
    try {
      if (onNoResponders === undefined) this.#connection.publish(subject, payload)
      else
        this.#connection.publish(subject, payload, {
          reply: `${this.#inbox}.${this.#noResponders.add(onNoResponders)}`,
        })
    } catch (cause) {
      throw notConnected('NATS', cause)
    }
    this.#confirmations.noteSent(payload.length)
  }

  async subscribe(
    subject: string,
    listener: BusListener,
    options?: SubscribeOptions,
  ): Promise<BusSubscription> {
    if (this.#closing !== undefined) throw notConnected('NATS')
    let refused: NatsError | undefined
    const subscription = this.#connection.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) this.#inbound.deliver(listener, message, subject)
        else refused = error
      },
      ...(options?.queue === undefined ? {} : { queue: options.queue }),
    })
    await this.#confirmations.confirm()
    if (refused !== undefined) {
      throw new HydraError(
        'CONFIG_INVALID',
        `NATS refuses the subscription to "${subject}"; check its user's rights.`,
        {
          cause: refused,
        },
      )
    }
    return {
      unsubscribe: () => {
        if (!subscription.isClosed()) subscription.unsubscribe()
      },
    }
  }

  onConnectedChange(listener: (connected: boolean) => void): () => void {
    this.#connectedListeners.add(listener)
    return () => void this.#connectedListeners.delete(listener)
  }

  async flush(): Promise<void> {
    if (!this.#connected) throw notConnected('NATS')
    await this.#confirmations.flush()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const wasConnected = this.#connected
    this.#setConnected(false)
    this.#connectedListeners.clear()
    if (wasConnected) {
      // A server that has just stopped answering must not hold up the end of the process.
      await within(this.#clock, drainTimeoutMs, this.#connection.drain(), () => notConnected('NATS')).catch(
        (err: unknown) => this.#log.warn({ err }, 'the last messages may not have reached NATS'),
      )
    }
    await this.#connection.close()
    // What the drain has brought in is delivered by now, see subscribe.
    await new Promise((resolve) => setImmediate(resolve))
  }

  #setConnected(connected: boolean): void {
    if (connected === this.#connected || (connected && this.#closing !== undefined)) return
    this.#connected = connected
    this.#lameDuck.cancel()
    if (connected) this.#maxPayloadBytes = this.#connection.info?.max_payload ?? this.#maxPayloadBytes
    for (const listener of this.#connectedListeners) listener(connected)
  }

  #onNobodyThere(message: Msg): void {
    if (message.headers?.code !== 503) return
    const { subject } = message
    try {
      this.#noResponders.find(subject.slice(subject.lastIndexOf('.') + 1))?.()
    } catch (err) {
      this.#log.error({ err }, 'a callback for messages without receiver threw')
    }
  }
}
