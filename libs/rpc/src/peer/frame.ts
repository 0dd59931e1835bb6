import type { Serializer, Service } from '@hydra/protocol'
import type { SessionIdentity, SessionUpdate } from '../session-identity.ts'

/** A call. */
export interface RequestFrame {
  readonly kind: 'request'
  readonly id: number
  readonly route: string
  /** Relative, because two machines have no clock in common. */
  readonly remainingMs: number
  /** See `traceparent.ts`. */
  readonly trace: Uint8Array
  /** The client's, for a route that clients call; `null` between servers. */
  readonly session: SessionIdentity | null
  readonly serializer: Serializer
  readonly body: Uint8Array
}

/** The answer to a call. */
export interface ReplyFrame {
  readonly kind: 'reply'
  readonly id: number
  /** Whether the body is an error; the gate hands frames on as they are. */
  readonly error: boolean
  readonly serializer: Serializer
  readonly body: Uint8Array
  readonly update: SessionUpdate | undefined
}

/** A client's message that nobody answers. */
export interface NotifyFrame {
  readonly kind: 'notify'
  readonly route: string
  readonly trace: Uint8Array
  readonly session: SessionIdentity
  readonly serializer: Serializer
  readonly body: Uint8Array
}

/** Any frame. */
export type Frame = RequestFrame | ReplyFrame | NotifyFrame

/** Who sent a batch. */
export interface Sender {
  readonly type: Service
  readonly id: string
}
