import { bodyCodec, type AnyRoute } from '@hydra/protocol'
import type { ForwardedReply, RpcPeer, SessionIdentity, Target } from '@hydra/rpc'

/** How a request ended: by an answer, or by an error as a client would see it. */
export type Ended =
  | { readonly code: 'OK'; readonly answer: unknown }
  | { readonly code: string; readonly msg: string; readonly metadata?: Readonly<Record<string, unknown>> }

/** Sends bytes as a gate does, whatever they are; `session` null: as a server does. Never rejects. */
export function askRaw(
  peer: Pick<RpcPeer, 'forward'>,
  { name }: Pick<AnyRoute, 'name'>,
  session: SessionIdentity | null,
  body: Uint8Array,
  to: Target,
): Promise<Ended> {
  return new Promise((resolve) => {
    const onReply = (reply: ForwardedReply) => {
      const answer = bodyCodec(session?.serializer ?? 'msgpack').decode(reply.body)
      resolve(reply.error ? (answer as Ended) : { code: 'OK', answer })
    }
    // A server's own calls differ from those that it passes on by having no session.
    const request = { route: name, session: session as SessionIdentity, body }
    peer.forward(request, { to }, { onReply, onFailure: (error) => resolve(error.toBody()) })
  })
}
