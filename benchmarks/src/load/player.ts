import {
  bodyCodec,
  decodeMessage,
  decodePacket,
  encodeMessage,
  encodePacket,
  packetType,
  routes,
  type PacketType,
  type RequestOf,
  type ResponseOf,
  type Route,
} from '@hydra/protocol'
import type { PreparedConnection } from './closed-loop.ts'
import { frame } from './web-socket.ts'

const { encode, decode } = bodyCodec('msgpack')
const packet = (type: PacketType, body?: Uint8Array) => frame(encodePacket(type, body))

/** The frame of a request under a one-byte id. */
export const requestFrame = <R extends Route>(route: R, body: RequestOf<R>, id: number): Buffer =>
  packet(
    packetType.data,
    encodeMessage({ kind: 'request', id: Uint8Array.of(id), route: route.code, body: encode(body) }),
  )

/** Shakes hands, and acknowledges it. */
export async function shakeHands(connection: PreparedConnection): Promise<void> {
  const hello = { sys: { type: 'benchmark', version: '1.0.0', serializer: 'msgpack', dict: true } }
  connection.write(packet(packetType.handshake, Buffer.from(JSON.stringify(hello))))
  await connection.next()
  connection.write(packet(packetType.handshakeAck))
}

/** Sends a request and reads its answer; pushes that come before it are left out. @throws Error with an error that was answered. */
export async function ask<R extends Route>(
  connection: PreparedConnection,
  route: R,
  body: RequestOf<R>,
): Promise<ResponseOf<R>> {
  connection.write(requestFrame(route, body, 1))
  for (;;) {
    const message = decodeMessage(decodePacket(await connection.next()).body)
    if (message.kind !== 'response') continue
    const answer = decode(message.body)
    if (message.error !== true) return answer as ResponseOf<R>
    throw new Error(`${route.name}: ${JSON.stringify(answer)}`)
  }
}

/** Brings a connection from the handshake to an entered role. @throws Error with the answer that was not expected. */
export async function enterAsPlayer(
  connection: PreparedConnection,
  token: string,
  name: string,
): Promise<void> {
  await shakeHands(connection)
  await ask(connection, routes.gate.session.login, { token })
  const { role } = await ask(connection, routes.game.role.create, { name })
  await ask(connection, routes.game.role.enter, { rid: role.rid })
}
