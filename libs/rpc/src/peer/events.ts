import { Packr, Unpackr } from 'msgpackr'
import { bodyCodec, HydraError, type EventContract, type PayloadOf } from '@hydra/protocol'
import type { Logger, SparseLog } from '@hydra/runtime'
import type { Bus, BusSubscription } from '../bus/bus.ts'
import type { Outbox } from './outbox.ts'
import type { RpcMetrics } from './rpc-metrics.ts'
import { eventSubject } from '../subjects.ts'

/** What events need. */
export interface EventsOptions {
  readonly env: string
  readonly selfId: string
  readonly bus: Bus
  readonly outbox: Outbox
  readonly log: Logger
  readonly warn: SparseLog
  readonly metrics: RpcMetrics
}

const packr = new Packr({ useRecords: false })
const unpackr = new Unpackr({ useRecords: false })

/** Facts that one service tells the others: `[fromId, payload]` in MessagePack on a subject per event. */
export class Events {
  readonly #options: EventsOptions
  readonly #subscriptions = new Set<BusSubscription>()

  constructor(options: EventsOptions) {
    this.#options = options
  }

  emit<E extends EventContract>(event: E, payload: PayloadOf<E>): void {
    const { env, selfId, outbox } = this.#options
    const body = bodyCodec('msgpack').encode(payload)
    outbox.addSingle(eventSubject(env, event.name), packr.pack([selfId, body]))
  }

  async on<E extends EventContract>(
    event: E,
    listener: (payload: PayloadOf<E>) => void | Promise<void>,
  ): Promise<() => void> {
    const { env, bus, log } = this.#options
    const run = async (value: PayloadOf<E>): Promise<void> => {
      try {
        await listener(value)
      } catch (err) {
        log.error({ event: event.name, err }, 'an event listener threw')
      }
    }
    const subscription = await bus.subscribe(eventSubject(env, event.name), (bytes) => {
      const payload = this.#read(event, bytes)
      if (payload !== undefined) void run(payload.value)
    })
    this.#subscriptions.add(subscription)
    return () => {
      this.#subscriptions.delete(subscription)
      subscription.unsubscribe()
    }
  }

  close(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe()
    this.#subscriptions.clear()
  }

  #read<E extends EventContract>(event: E, bytes: Uint8Array): { value: PayloadOf<E> } | undefined {
    try {
      const fields: unknown = unpackr.unpack(bytes)
      const body: unknown = Array.isArray(fields) ? fields[1] : undefined
      if (!(body instanceof Uint8Array)) throw new HydraError('PROTOCOL_ERROR', 'The bytes are no event.')
      return { value: event.payload.parse(bodyCodec('msgpack').decode(body)) as PayloadOf<E> }
    } catch (err) {
      this.#options.metrics.dropped.inc({ reason: 'event' })
      this.#options.warn({ event: event.name, err }, 'an event was dropped')
      return undefined
    }
  }
}
