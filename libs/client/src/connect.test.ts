import { packetType } from '@hydra/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import packageJson from '../package.json' with { type: 'json' }
import { connect, defaultClientInfo } from './connect.ts'
import { ManualClock } from './test-support/manual-clock.ts'
import { PeerServer } from './test-support/peer-server.ts'

let server: PeerServer

beforeEach(async () => {
  server = await PeerServer.listen()
})

afterEach(() => server.close())

describe('handshake', () => {
  test('says who it is, asks for MessagePack and the dictionary, and acknowledges', async () => {
    const connecting = connect({ url: server.url })
    const peer = await server.accept()
    expect(await peer.handshake()).toEqual({
      sys: { type: 'hydra-js', version: '0.1.0', serializer: 'msgpack', dict: true, resume: true },
      user: {},
    })
    const client = await connecting
    expect(client.closed).toBeUndefined()
    await client.close()
    expect(await peer.closed).toBe(1000)
  })

  test('carries what the application says about itself', async () => {
    const clientInfo = { type: 'my-game', version: '7.1', user: { locale: 'de' } }
    const connecting = connect({ url: server.url, serializer: 'json', clientInfo })
    const peer = await server.accept()
    expect(await peer.handshake()).toEqual({
      sys: { type: 'my-game', version: '7.1', serializer: 'json', dict: true, resume: true },
      user: { locale: 'de' },
    })
    await (await connecting).close()
  })

  test('the version that it gives is the one of the package', () => {
    expect(defaultClientInfo.version).toBe(packageJson.version)
  })
})

describe('a server that does not go along', () => {
  const answer = { heartbeat: 0, serializer: 'msgpack' }
  test.each<[string, unknown, string]>([
    [
      'an old client',
      { code: 501, reason: 'Version 2 or newer, please.' },
      '(501): Version 2 or newer, please.',
    ],
    ['a bad handshake', { code: 400 }, '(400): it gave no reason'],
    [
      'another serializer',
      { code: 200, sys: { ...answer, serializer: 'json' } },
      'settled on the serializer "json"',
    ],
    ['no settings', { code: 200 }, 'settled on the serializer "undefined"'],
    ['an unknown form', { hello: 1 }, 'unknown form'],
    ['a code that is a text', { code: '200' }, 'unknown form'],
  ])('%s', async (_, handshake, message) => {
    const connecting = connect({ url: server.url })
    const peer = await server.accept()
    await peer.readHandshake()
    peer.answerHandshake(handshake)
    await expect(connecting).rejects.toMatchObject({
      code: 'PROTOCOL_ERROR',
      message: expect.stringContaining(message),
    })
    expect(await peer.closed).toBe(1000)
  })

  test.each<[string, Uint8Array | string, string]>([
    ['random bytes', Uint8Array.of(0x47, 0x45, 0x54, 0x20, 0x2f), '71 is no packet type'],
    ['a cut-off packet', Uint8Array.of(1, 0, 0, 9, 1), 'announces 9 bytes'],
    ['a handshake that is no JSON', Uint8Array.of(1, 0, 0, 1, 0xff), 'unknown form'],
    ['text', 'hello', 'The server sent text'],
    ['data before anything else', Uint8Array.of(packetType.data, 0, 0, 0), 'began with a packet of type 4'],
  ])('%s', async (_, bytes, message) => {
    const connecting = connect({ url: server.url })
    const peer = await server.accept()
    await peer.readHandshake()
    peer.sendRaw(bytes)
    await expect(connecting).rejects.toMatchObject({
      code: 'PROTOCOL_ERROR',
      message: expect.stringContaining(message),
    })
    expect(await peer.closed).toBe(1000)
  })

  test.each([
    ['BANNED', 'BANNED'],
    ['SERVER_FULL', 'CONNECTION_CLOSED'],
  ])('a kick with %s instead of an answer', async (reason, code) => {
    const connecting = connect({ url: server.url })
    const peer = await server.accept()
    peer.kick({ code: reason, reason: 'Go away.' })
    await expect(connecting).rejects.toMatchObject({
      code,
      message: `The server refused the connection (${reason}): Go away.`,
      metadata: { reason },
    })
  })

  test('a close instead of an answer', async () => {
    const connecting = connect({ url: server.url })
    const peer = await server.accept()
    peer.close(1013, 'try later')
    await expect(connecting).rejects.toMatchObject({
      code: 'CONNECTION_CLOSED',
      message: expect.stringContaining('WebSocket code 1013: try later'),
    })
  })

  test('a kick in the same breath as the answer is not lost', async () => {
    const connecting = connect({ url: server.url })
    const peer = await server.accept()
    await peer.readHandshake()
    peer.together(() => {
      peer.answerHandshake({ code: 200, sys: answer })
      peer.kick({ code: 'SHUTDOWN', reason: 'Closing.' })
    })
    const client = await connecting
    const reason = await new Promise((resolve) => client.onClose(resolve))
    expect(reason).toEqual({ code: 'SHUTDOWN', reason: 'Closing.', kicked: true })
  })
})

describe('no server', () => {
  test('an address where nobody listens', async () => {
    const gone = await PeerServer.listen()
    await gone.close()
    const error = await connect({ url: gone.url }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'CONNECTION_CLOSED',
      retryable: true,
      message: `${gone.url} cannot be reached (WebSocket code 1006).`,
    })
    expect((error as Error).cause).toMatchObject({ code: 'ECONNREFUSED' })
  })

  test.each(['no address', 'mailto:ada@example.org', 'ws://127.0.0.1:99999'])('%s', async (url) => {
    await expect(connect({ url })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: `"${url}" is no WebSocket address.`,
    })
  })

  test('a server that never answers the handshake', async () => {
    const clock = new ManualClock()
    const connecting = connect({ url: server.url, connectTimeoutMs: 500, clock })
    const peer = await server.accept()
    await peer.readHandshake()
    clock.advance(500)
    await expect(connecting).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: `${server.url} did not finish the handshake within 500 ms.`,
    })
    expect(await peer.closed).toBe(1000)
    expect(clock.timers).toBe(0)
  })
})
