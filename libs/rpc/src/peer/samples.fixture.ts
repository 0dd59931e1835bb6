import { bodyCodec, routes } from '@hydra/protocol'
import type { Frame, Sender } from './frame.ts'
import { batchHeadBytes, encodeBatch, frameBytes } from './frame-writer.ts'
import type { CallOptions, ForwardedReply, ForwardedRequest, RpcPeer } from '../peer.ts'
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

/** Forwards a request and waits for what comes of it. */
export const forwarded = (
  peer: RpcPeer,
  request: ForwardedRequest,
  options: CallOptions & { readonly onReply?: (reply: ForwardedReply) => void },
): Promise<ForwardedReply> =>
  new Promise((resolve, reject) => {
    peer.forward(request, options, {
      onReply(reply) {
        options.onReply?.(reply)
        resolve(reply)
      },
      onFailure: reject,
    })
  })

/** A bus message of frames, as the peer of `from` would send it. */
export const batchOf = (from: Sender, frames: readonly Frame[]): Uint8Array =>
  encodeBatch(
    from,
    frames.map((frame) => ({ frame })),
    frames.reduce((sum, frame) => sum + frameBytes(frame), batchHeadBytes(from)),
  )
