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
 * Carries bytes between processes: at most once, in order for each (publisher, subject). The two drivers are NATS
 * and an in-process one; both pass `bus.contract.ts`.
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
   * Sends without waiting.
   *
   * @throws HydraError `SERVER_GONE` while not connected (nothing is buffered: it would arrive too late),
   * `PAYLOAD_TOO_LARGE` beyond {@link maxPayloadBytes}.
   */
  publish(subject: string, payload: Uint8Array, options?: PublishOptions): void
  /** Resolves when the server knows of the subscription: whatever is published afterwards is received. */
  subscribe(subject: string, listener: BusListener, options?: SubscribeOptions): Promise<BusSubscription>
  /** Calls back at each change of {@link connected}; returns how to stop that. */
  onConnectedChange(listener: (connected: boolean) => void): () => void
  /** Resolves when everything published so far has reached the server. */
  flush(): Promise<void>
  /** Delivers what is under way, then disconnects. */
  close(): Promise<void>
}
