/** Ends a subscription. Messages already received may still be delivered. */
export interface BusSubscription {
  unsubscribe(): void
}

/** What a subscriber is called with: the bytes are its own to keep. */
export type BusListener = (payload: Uint8Array, subject: string) => void

/** Options of {@link Bus.subscribe}. */
export interface SubscribeOptions {
  /** Subscribers of one subject and one queue share the messages: each goes to one of them. */
  readonly queue?: string
}

/** Options of {@link Bus.publish}. */
export interface PublishOptions {
  /** Called once, later, when nobody was subscribed to the subject. */
  readonly onNoResponders?: () => void
}

/**
 * Carries bytes between processes: at most once, and everything from one publisher to one subscriber in the order
 * sent, also across subjects. Each message is delivered in a turn of the event loop of its own: what a listener sets
 * going through promises is done before the next message is delivered, so that the order holds for it as well.
 *
 * The two drivers are NATS and an in-process one; both pass `bus.contract.ts`.
 *
 * @example
 * const subscription = await bus.subscribe('hydra.dev.topic.world', (payload) => deliver(payload))
 * bus.publish('hydra.dev.topic.world', bytes)
 */
export interface Bus {
  /** Largest payload that {@link publish} takes. */
  readonly maxPayloadBytes: number
  /** Whether messages can be sent right now. */
  readonly connected: boolean
  /**
   * Sends without waiting. The payload must not be changed afterwards.
   *
   * @throws HydraError `SERVER_GONE` while not connected (nothing is buffered: it would arrive too late),
   * `PAYLOAD_TOO_LARGE` beyond {@link maxPayloadBytes}, `SERVER_BUSY` when too much waits to be sent.
   */
  publish(subject: string, payload: Uint8Array, options?: PublishOptions): void
  /**
   * Resolves when the server knows of the subscription: whatever is published afterwards is received. Waits for the
   * connection if need be; what the listener throws is logged.
   *
   * @throws HydraError `SERVER_GONE` when the bus is closed.
   */
  subscribe(subject: string, listener: BusListener, options?: SubscribeOptions): Promise<BusSubscription>
  /** Calls back at each change of {@link connected}; returns how to stop that. */
  onConnectedChange(listener: (connected: boolean) => void): () => void
  /** Resolves when everything published so far has reached the server. @throws HydraError `SERVER_GONE`. */
  flush(): Promise<void>
  /** Delivers what is under way, then disconnects. */
  close(): Promise<void>
}
