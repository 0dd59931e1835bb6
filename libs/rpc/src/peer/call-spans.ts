import { activeSpan, unsampledSpan, type Span, type Tracer } from '@hydra/runtime'
import type { Target } from '../peer.ts'
import type { NotifyFrame, RequestFrame, Sender } from './frame.ts'
import { formatTraceparent, isSampled } from './traceparent.ts'

/**
 * Begins the span of a call, from sending it to its answer, below the one that asks. One that is not sampled stands for
 * itself; without any, the call begins a trace that nobody samples.
 */
export function startCallSpan(route: string, to: Target, asked: Span | null | undefined): Span | undefined {
  const parent = asked === undefined ? activeSpan() : asked
  if (parent?.recording !== true) return parent ?? undefined
  const target = 'server' in to ? to.server : to.type
  return parent.start(route, {
    kind: 'client',
    attributes: { 'rpc.system.name': 'hydra', 'rpc.method': route, 'hydra.to': target },
  })
}

/** Begins the span of a call that has arrived, as its caller samples it. */
export function startHandlerSpan(
  tracer: Tracer,
  selfId: string,
  from: Sender,
  { route, trace, session }: RequestFrame | NotifyFrame,
): Span {
  if (!isSampled(trace)) return unsampledSpan(() => formatTraceparent(trace))
  const rid = session?.rid
  return tracer.follow(formatTraceparent(trace), route, {
    kind: 'server',
    attributes: {
      'rpc.system.name': 'hydra',
      'rpc.method': route,
      'hydra.from': from.id,
      'hydra.server': selfId,
      ...(session === null ? {} : { 'session.id': session.sessionId }),
      ...(rid === undefined ? {} : { 'hydra.role.id': rid }),
    },
  })
}
