import { connect, type ConnectOptions } from '../connect.ts'
import type { GameClient } from '../game-client.ts'
import type { Peer, PeerServer } from './peer-server.ts'

/** A client and the server's end of its connection, handshake done. */
export async function connected(
  server: PeerServer,
  options: Omit<ConnectOptions, 'url'> = {},
  answer: { heartbeat?: number; dict?: Record<string, number> } = {},
): Promise<{ client: GameClient; peer: Peer }> {
  const connecting = connect({ url: server.url, ...options })
  const peer = await server.accept()
  await peer.handshake(answer)
  return { client: await connecting, peer }
}
