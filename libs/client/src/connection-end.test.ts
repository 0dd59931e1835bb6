import { packetType, routes } from '@hydra/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CloseReason } from './close-reason.ts'
import type { GameClient } from './game-client.ts'
import { connected } from './test-support/connected.ts'
import { ManualClock } from './test-support/manual-clock.ts'
import { PeerServer, type Peer } from './test-support/peer-server.ts'

const { get } = routes.game.role

let server: PeerServer

beforeEach(async () => {
  server = await PeerServer.listen()
})

afterEach(() => server.close())

const closing = (client: GameClient) => new Promise<CloseReason>((resolve) => void client.onClose(resolve))

describe('ends that come from the server', () => {
  test.each<[string, (peer: Peer) => void, Partial<CloseReason>]>([
    [
      'a kick',
      (peer) => peer.kick({ code: 'DUPLICATE_LOGIN', reason: 'Logged in elsewhere.' }),
      { code: 'DUPLICATE_LOGIN', reason: 'Logged in elsewhere.', kicked: true },
    ],
    [
      'a kick by Pitaya',
      (peer) => peer.kick({ reason: 'bye' }),
      { code: 'KICKED', reason: 'bye', kicked: true },
    ],
    [
      'a kick without a body',
      (peer) => peer.send(packetType.kick),
      { code: 'KICKED', reason: 'The server gave no reason.', kicked: true },
    ],
    [
      'a kick with something else in it',
      (peer) => peer.kick([1]),
      { code: 'KICKED', reason: 'The server gave no reason.', kicked: true },
    ],
    [
      'a close that names a reason',
      (peer) => peer.close(1001, 'SHUTDOWN'),
      { code: 'SHUTDOWN', kicked: false },
    ],
    [
      'a close that does not',
      (peer) => peer.close(1011, 'oops'),
      { code: 'CONNECTION_LOST', reason: 'The connection ended without notice: oops (WebSocket code 1011).' },
    ],
    ['a dropped connection', (peer) => peer.terminate(), { code: 'CONNECTION_LOST', kicked: false }],
  ])('%s', async (_, end, expected) => {
    const { client, peer } = await connected(server)
    const waiting = [client.request(get, {}), client.request(get, {})]
    const failing = Promise.allSettled(waiting)
    await peer.nextRequest()
    const ended = closing(client)
    end(peer)
    const reason = await ended
    expect(reason).toMatchObject(expected)
    for (const outcome of await failing) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { code: 'CONNECTION_CLOSED', metadata: { reason: reason.code } },
      })
    }
    expect(client.pendingRequests).toBe(0)
    expect(client.closed).toEqual(reason)
  })
})

describe('a server that stops making sense', () => {
  test.each<[string, (peer: Peer) => void, string]>([
    ['random bytes', (peer) => peer.sendRaw(Uint8Array.of(0xff, 0, 0, 0)), '255 is no packet type'],
    ['text', (peer) => peer.sendRaw('{}'), 'text'],
    ['a cut-off packet', (peer) => peer.sendRaw(Uint8Array.of(4, 0)), '2 bytes hold no packet header'],
    ['a cut-off message', (peer) => peer.send(packetType.data, Uint8Array.of(4, 0x81)), 'inside its id'],
    ['an empty message', (peer) => peer.send(packetType.data), 'it is empty'],
    ['another handshake', (peer) => peer.answerHandshake({ code: 200 }), 'a second handshake'],
    [
      'compression that was not asked for',
      (peer) => peer.sendMessage({ kind: 'push', route: 'a', body: Uint8Array.of(1), compressed: true }),
      'compressed',
    ],
  ])('%s', async (_, end, expected) => {
    const { client, peer } = await connected(server)
    const ended = closing(client)
    end(peer)
    const { code, reason } = await ended
    expect(code).toBe('PROTOCOL_ERROR')
    expect(reason).toContain(expected)
    expect(await peer.closed).toBe(1000)
  })
})

describe('heartbeats', () => {
  test('one each interval; anything from the server counts as a sign of life', async () => {
    const clock = new ManualClock()
    const { client, peer } = await connected(server, { clock }, { heartbeat: 10 })
    for (let interval = 0; interval < 10; interval++) {
      clock.advance(10_000)
      expect(await peer.nextPacket()).toMatchObject({ type: packetType.heartbeat })
      const answered = client.request(get, {}, { timeoutMs: 1e9 })
      const request = await peer.nextRequest()
      peer.respond(request, { code: 'ROLE_NOT_FOUND', msg: 'None.' }, { error: true })
      await expect(answered).rejects.toMatchObject({ code: 'ROLE_NOT_FOUND' })
    }
    expect(client.closed).toBeUndefined()
    await client.close()
    expect(clock.timers).toBe(0)
  })

  test('a silent server is given up after three intervals, and what waits fails naming that', async () => {
    const clock = new ManualClock()
    const { client, peer } = await connected(server, { clock }, { heartbeat: 10 })
    const waiting = client.request(get, {}, { timeoutMs: 1e9 })
    const failure = waiting.catch((error: unknown) => error)
    clock.advance(29_999)
    expect(client.closed).toBeUndefined()
    clock.advance(1)
    expect(client.closed).toEqual({
      code: 'HEARTBEAT_LOST',
      reason: 'The server has been silent for 30000 ms.',
      kicked: false,
    })
    expect(await failure).toMatchObject({
      code: 'CONNECTION_CLOSED',
      message: expect.stringContaining('HEARTBEAT_LOST'),
    })
    expect(await peer.closed).toBe(1000)
    expect(clock.timers).toBe(0)
  })

  test('none when the server wants none', async () => {
    const clock = new ManualClock()
    const { client } = await connected(server, { clock }, { heartbeat: 0 })
    expect(clock.timers).toBe(0)
    clock.advance(1e9)
    expect(client.closed).toBeUndefined()
  })

  test('the server’s heartbeats are not answered at once, so two echoing sides cannot start a storm', async () => {
    const clock = new ManualClock()
    const { client, peer } = await connected(server, { clock }, { heartbeat: 10 })
    peer.send(packetType.heartbeat)
    peer.send(packetType.heartbeat)
    const pushed = client.request(get, {})
    const request = await peer.nextRequest()
    peer.respond(request, { code: 'ROLE_NOT_FOUND', msg: 'None.' }, { error: true })
    await expect(pushed).rejects.toMatchObject({ code: 'ROLE_NOT_FOUND' })
  })
})

describe('ends that come from here', () => {
  test('close(): what waits fails, listeners are told once, and nothing can be sent any more', async () => {
    const { client, peer } = await connected(server)
    const reasons: CloseReason[] = []
    client.onClose((reason) => reasons.push(reason))
    client.onClose((reason) => reasons.push(reason))()
    const waiting = client.request(get, {})
    const failure = waiting.catch((error: unknown) => error)
    await Promise.all([client.close(), client.close()])
    expect(await failure).toMatchObject({
      code: 'CONNECTION_CLOSED',
      message: 'The connection is closed (CLIENT_CLOSED): This client closed the connection.',
    })
    expect(await peer.closed).toBe(1000)
    await client.close()
    expect(reasons).toEqual([expect.objectContaining({ code: 'CLIENT_CLOSED', kicked: false })])
    await expect(client.request(get, {})).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    expect((await closing(client)).code).toBe('CLIENT_CLOSED')
  })

  test('close() does not wait for ever for a server that does not agree', async () => {
    const clock = new ManualClock()
    const { client, peer } = await connected(server, { clock })
    peer.pause()
    const closed = client.close()
    clock.advance(2_000)
    await closed
  })

  test('a close() inside a listener of the end is harmless', async () => {
    const { client, peer } = await connected(server)
    const closed = new Promise<void>((resolve) => client.onClose(() => void client.close().then(resolve)))
    peer.kick({ code: 'KICKED', reason: 'Out.' })
    await closed
    expect(client.closed).toMatchObject({ code: 'KICKED' })
  })
})
