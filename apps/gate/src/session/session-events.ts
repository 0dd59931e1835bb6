import { events } from '@hydra/protocol'
import type { RpcPeer } from '@hydra/rpc'
import type { EndedLogin } from './release-session.ts'
import type { Session, SessionUser } from './session.ts'

/** Tells the services that listen that a session belongs to an account now. */
export function emitBound(
  peer: Pick<RpcPeer, 'id' | 'emit'>,
  { sessionId, connection, client }: Session,
  { uid, epoch }: SessionUser,
): void {
  const { remoteAddress } = connection
  peer.emit(events.gate.session.bound, { uid, sessionId, gateId: peer.id, epoch, remoteAddress, client })
}

/** Tells the services that listen that a login is over. */
export function emitClosed(
  peer: Pick<RpcPeer, 'id' | 'emit'>,
  { rid, data }: Session,
  { uid, sessionId, epoch, reason }: EndedLogin,
): void {
  peer.emit(events.gate.session.closed, {
    uid,
    sessionId,
    gateId: peer.id,
    epoch,
    reason,
    data,
    ...(rid === undefined ? {} : { rid }),
  })
}
