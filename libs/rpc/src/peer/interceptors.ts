import type { HydraError, RouteName } from '@hydra/protocol'
import type { CallContext, Target } from '../peer.ts'
import type { SessionIdentity } from '../session-identity.ts'

/** A call that is about to be sent. */
export interface OutgoingCall {
  readonly route: RouteName
  readonly to: Target
  readonly timeoutMs: number
  /** W3C `traceparent`; a new trace when absent. */
  readonly traceparent?: string | undefined
  /** The client's that is asking, for a forwarded request; `null` between servers. */
  readonly session: SessionIdentity | null
  /** Written with the session's serializer, MessagePack between servers. */
  readonly body: Uint8Array
}

/** How a call ended; `OK` or an error code. */
export interface CallEnd {
  readonly code: string
  readonly seconds: number
  /** What it failed with before there was an answer; the error of an answer is in its body. */
  readonly error?: HydraError | undefined
}

/**
 * Stands before and after each call that a peer makes, forwarded requests and notifies included. Both run
 * synchronously: calls leave in the order in which they were made, whoever looks at them.
 *
 * @example
 * const traced: CallInterceptor = { before: (call) => ({ ...call, traceparent: tracer.current() }) }
 */
export interface CallInterceptor {
  /** Answers the call to send, changed or as it came. @throws HydraError to refuse it: the caller gets the error. */
  before?(call: OutgoingCall): OutgoingCall
  /** Called when the call has ended, before its caller is told; what it throws is logged. Notifies end when sent. */
  after?(call: OutgoingCall, end: CallEnd): void
}

/** A call that has been checked: the session may call the route, and the body is what the contract says. */
export interface IncomingCall {
  readonly route: RouteName
  /** That of the handler; for a client's call it has `session` as well. */
  readonly context: CallContext & { readonly session?: SessionIdentity }
  /** Validated. */
  readonly body: unknown
}

/**
 * Stands around the handlers of a peer. `next` runs the following interceptor, at last the handler, and answers what
 * that answers: a value, or a promise of it. An interceptor that answers without waiting keeps the order of calls; one
 * that waits before `next` holds up its own call only, and later ones may be handled before it.
 *
 * @throws HydraError to refuse the call.
 * @example
 * const unlessMuted: HandlerInterceptor = ({ route, context }, next) => {
 *   if (route === 'chat.channel.send' && muted.has(context.session?.rid)) throw new HydraError('BANNED', 'You are muted.')
 *   return next()
 * }
 */
export type HandlerInterceptor = (call: IncomingCall, next: () => unknown) => unknown

/** The interceptors of a peer; the first is the outermost. */
export interface Interceptors {
  readonly calls?: readonly CallInterceptor[]
  readonly handlers?: readonly HandlerInterceptor[]
}

/** All interceptors around handlers as one; nothing when there are none, so that calls without them cost nothing. */
export function composeHandlers(
  interceptors: readonly HandlerInterceptor[] = [],
): ((call: IncomingCall, handle: () => unknown) => unknown) | undefined {
  if (interceptors.length === 0) return undefined
  return (call, handle) =>
    interceptors.reduceRight<() => unknown>((next, intercept) => () => intercept(call, next), handle)()
}
