import { deflateSync } from 'node:zlib'
import { encodePacket, packetType, type ErrorCode } from '@hydra/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGateWorld, type TestGate } from './test-support/gate-world.ts'
import type { RawClient } from './test-support/raw-client.ts'

const bytes = (...values: number[]) => Uint8Array.from(values)
const compressed = (body: Uint8Array) => ({
  kind: 'request' as const,
  id: bytes(1),
  route: 'game.role.list',
  body,
  compressed: true,
})

describe.each(['uws', 'ws', 'tcp'] as const)('bad input over %s', (transport) => {
  let world: Awaited<ReturnType<typeof createGateWorld>>
  let gate: TestGate

  beforeEach(async () => {
    world = await createGateWorld()
    gate = await world.startGate({
      gate: { transport },
      limits: { maxPacketBytes: 1_024, maxInflatedBytes: 4_096 },
    })
  })
  afterEach(() => world.end())

  const closedLines = () => gate.lines.filter(({ msg }) => msg === 'session closed')

  it.each<[string, (client: RawClient) => void, string, number]>([
    ['text', (client) => client.send('hello'), 'PROTOCOL_ERROR', 1002],
    ['garbage', (client) => client.send(bytes(0xde, 0xad, 0xbe, 0xef, 1, 2)), 'PROTOCOL_ERROR', 1002],
    // In a stream there is no such thing.
    [
      'an empty message',
      (client) => client.send(transport === 'tcp' ? bytes(0, 0, 0, 0) : bytes()),
      'PROTOCOL_ERROR',
      1002,
    ],
    [
      'two packets in one message',
      (client) => client.send(bytes(3, 0, 0, 0, 3, 0, 0, 0)),
      'PROTOCOL_ERROR',
      1002,
    ],
    ['data', (client) => client.sendPacket(packetType.data, bytes(0)), 'PROTOCOL_ERROR', 1002],
    [
      'a packet above the limit',
      (client) => client.sendPacket(packetType.handshake, new Uint8Array(1_025)),
      'PACKET_TOO_LARGE',
      1009,
    ],
  ])('before the handshake: %s ends the connection with a kick', async (_what, act, reason, code) => {
    const client = await world.client(gate).open()
    act(client)
    expect(await client.kick()).toEqual({ code: reason, reason: expect.any(String) as string })
    expect(await client.closed).toEqual({ code, reason })
    expect(closedLines()).toMatchObject([{ reason, remoteAddress: '127.0.0.1' }])
  })

  it.each<[string, (client: RawClient) => void, string, number]>([
    ['garbage', (client) => client.send(bytes(0xde, 0xad, 0xbe, 0xef)), 'PROTOCOL_ERROR', 1002],
    ['00 01', (client) => client.sendPacket(packetType.data, bytes(0x00, 0x01)), 'PROTOCOL_ERROR', 1002],
    ['01 01', (client) => client.sendPacket(packetType.data, bytes(0x01, 0x01)), 'PROTOCOL_ERROR', 1002],
    ['nothing as data', (client) => client.sendPacket(packetType.data), 'PROTOCOL_ERROR', 1002],
    [
      'an endless id',
      (client) => client.sendPacket(packetType.data, new Uint8Array(20).fill(0x80)),
      'PROTOCOL_ERROR',
      1002,
    ],
    [
      'a second handshake',
      (client) => client.sendPacket(packetType.handshake, '{"sys":{}}'),
      'PROTOCOL_ERROR',
      1002,
    ],
    ['a kick', (client) => client.sendPacket(packetType.kick), 'PROTOCOL_ERROR', 1002],
    [
      'a packet above the limit',
      (client) => client.sendPacket(packetType.data, new Uint8Array(1_025)),
      'PACKET_TOO_LARGE',
      1009,
    ],
  ])('at work: %s ends the connection with a kick', async (_what, act, reason, code) => {
    const client = await world.client(gate).start()
    const bystander = await world.client(gate).start()
    act(client)
    expect((await client.kick()).code).toBe(reason)
    expect(await client.closed).toEqual({ code, reason })
    expect(closedLines()).toMatchObject([{ reason }])
    // Nobody else notices.
    expect((await bystander.ask('game.role.list')).error?.code).toBe('NOT_LOGGED_IN')
  })

  it('cuts a message that is far too long without reading it', async () => {
    const client = await world.client(gate).start()
    client.send(encodePacket(packetType.data, new Uint8Array(100_000)))
    const { code } = await client.closed
    expect([1006, 1009]).toContain(code)
    expect(closedLines()).toMatchObject([{ reason: 'PACKET_TOO_LARGE' }])
  })

  it('refuses a handshake with a reason instead of a kick', async () => {
    const client = await world.client(gate).open()
    client.sendPacket(packetType.handshake, '{"sys":{"serializer":"protobuf"}}')
    const { answer } = await client.next('handshake')
    expect([answer.code, answer.reason]).toEqual([400, expect.stringContaining('protobuf')])
    const end = { code: 1008, reason: 'HANDSHAKE_REFUSED' }
    expect(await client.closed).toEqual(transport === 'tcp' ? { code: 1006, reason: '' } : end)
    expect(client.inbox).toEqual([])
  })

  it.each<[string, unknown, ErrorCode]>([
    ['an unknown route', 'game.role.fly', 'ROUTE_UNKNOWN'],
    ['an unknown code', 9_999, 'ROUTE_UNKNOWN'],
    ['an internal route', 'game.role.leave', 'ROUTE_UNKNOWN'],
    ['an internal route of the gate', 'gate.session.kick', 'ROUTE_UNKNOWN'],
    ['a push', 'chat.channel.message', 'ROUTE_UNKNOWN'],
    ['the code of a push', 351, 'ROUTE_UNKNOWN'],
    ['an empty route', '', 'ROUTE_UNKNOWN'],
    ['a request before login', 'game.role.list', 'NOT_LOGGED_IN'],
    ['a request of a role before login', 'chat.channel.send', 'NOT_LOGGED_IN'],
    ['logout before login', 'gate.session.logout', 'NOT_LOGGED_IN'],
  ])('answers %s with its code, without a hop, once in the log', async (_what, route, code) => {
    const game = await world.startGame()
    const client = await world.client(gate).start('msgpack')
    const answered = route === '' ? askEmptyRoute(client) : client.ask(route as string | number)
    const { error } = await answered
    expect(error).toEqual({ code, msg: expect.any(String) as string })
    expect(gate.lines.filter(({ msg }) => msg === 'request refused')).toMatchObject([{ code }])
    expect(game.calls).toEqual([])
  })

  it('answers a request of a role before enter, without a hop', async () => {
    const game = await world.startGame()
    const client = await world.client(gate).start()
    await client.ask('gate.session.login', { token: await world.account('u1') })
    expect((await client.ask('game.role.get')).error?.code).toBe('ROLE_NOT_ENTERED')
    expect(game.calls).toEqual([])
  })

  it('notes a notify of what must be answered, and lets the client go on', async () => {
    const client = await world.client(gate).start()
    client.notify('gate.session.login', { token: 'x' })
    expect((await client.ask('game.role.list')).error?.code).toBe('NOT_LOGGED_IN')
    expect(gate.lines.filter(({ msg }) => msg === 'request refused')).toMatchObject([
      { code: 'BAD_REQUEST', route: 'gate.session.login' },
      { code: 'NOT_LOGGED_IN' },
    ])
  })

  it('answers a body of its own routes that is no body, or of a wrong form', async () => {
    const client = await world.client(gate).start()
    client.sendMessage({ kind: 'request', id: bytes(5), route: 'gate.session.login', body: bytes(0xff) })
    expect((await client.answer(bytes(5))).error?.code).toBe('PROTOCOL_ERROR')
    const { error } = await client.ask('gate.session.login', { token: 7 })
    expect(error).toMatchObject({ code: 'BAD_REQUEST', metadata: { path: 'token' } })
  })

  it.each([
    ['a zip bomb', deflateSync(new Uint8Array(900_000)), 'PACKET_TOO_LARGE'],
    ['what is no zlib stream', bytes(1, 2, 3), 'PROTOCOL_ERROR'],
  ])('ends a connection for %s', async (_what, body, reason) => {
    await world.startGame()
    const client = await world.client(gate).start()
    await client.ask('gate.session.login', { token: await world.account('u1') })
    client.sendMessage(compressed(body))
    expect((await client.kick()).code).toBe(reason)
    expect((await client.closed).reason).toBe(reason)
  })
})

async function askEmptyRoute(client: RawClient) {
  // Our own encoder refuses to write this.
  client.sendPacket(packetType.data, bytes(0x00, 0x07, 0x00))
  return client.answer(bytes(0x07))
}
