import { bodyCodec, routes } from '@hydra/protocol'
import type { ForwardedRequest } from '../peer.ts'
import type { SessionIdentity } from '../session-identity.ts'

/** An internal call to try things with, and a body for it. */
export const kick = routes.gate.session.kick
export const kickBody = { sessionId: 's1', reason: 'KICKED' } as const

/** A session that has entered a role. */
export const session = (change: Partial<SessionIdentity> = {}): SessionIdentity => ({
  sessionId: 's1',
  gateId: 'g1',
  serializer: 'msgpack',
  uid: 'u1',
  epoch: 7,
  rid: 'r1',
  ...change,
})

/** A client's `chat.channel.send`. */
export const sendRequest = (body: unknown, of: SessionIdentity = session()): ForwardedRequest => ({
  route: 'chat.channel.send',
  session: of,
  body: bodyCodec(of.serializer).encode(body),
})
