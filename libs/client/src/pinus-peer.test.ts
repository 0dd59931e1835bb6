import { packetType, routes } from '@hydra/protocol'
import { Message, Package } from 'pinus-protocol'
import { expect, test } from 'vitest'
import { connect } from './connect.ts'
import { PeerServer } from './test-support/peer-server.ts'

/** pinus-protocol plays the server, so that a mistake that our own codec makes both ways would show. */
test('the client and pinus-protocol understand each other', async () => {
  const server = await PeerServer.listen()
  const connecting = connect({ url: server.url, serializer: 'json' })
  const peer = await server.accept()

  const handshake = readPackage(await peer.nextBytes())
  expect(handshake.type).toBe(packetType.handshake)
  expect(JSON.parse(text(handshake.body))).toMatchObject({ sys: { serializer: 'json' } })
  const dict = { 'game.role.ping': 206 }
  const answer = JSON.stringify({ code: 200, sys: { heartbeat: 30, serializer: 'json', dict } })
  peer.sendRaw(Package.encode(packetType.handshake, Buffer.from(answer)))
  expect(readPackage(await peer.nextBytes()).type).toBe(packetType.handshakeAck)
  const client = await connecting

  const answers = [
    client.request(routes.game.role.ping, { clientTimeMs: 1 }),
    client.request(routes.game.role.ping, { clientTimeMs: 2 }),
  ]
  for (const clientTimeMs of [1, 2]) {
    const data = readPackage(await peer.nextBytes())
    const message = Message.decode(Buffer.from(data.body))
    expect(message).toMatchObject({ id: clientTimeMs, type: 0, route: 206, compressRoute: 1 })
    expect(JSON.parse(text(message.body))).toEqual({ clientTimeMs })
    const body = Buffer.from(JSON.stringify({ clientTimeMs, serverTimeMs: 9 }))
    peer.sendRaw(Package.encode(packetType.data, Buffer.from(Message.encode(message.id, 2, false, '', body))))
  }
  expect(await Promise.all(answers)).toEqual([
    { clientTimeMs: 1, serverTimeMs: 9 },
    { clientTimeMs: 2, serverTimeMs: 9 },
  ])

  await client.close()
  await server.close()
})

function readPackage(bytes: Uint8Array): { type: number; body: Uint8Array } {
  const decoded = Package.decode(Buffer.from(bytes))
  if (Array.isArray(decoded)) throw new Error('one message must hold one package')
  return { type: decoded.type, body: decoded.body ?? new Uint8Array(0) }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
