import { defineRoute, HydraError, pushes, routeDictionary, routes, serializers } from '@hydra/protocol'
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from 'vitest'
import * as z from 'zod'
import type { ClientIssue } from './client-issue.ts'
import type { GameClient } from './game-client.ts'
import { connected } from './test-support/connected.ts'
import { ManualClock } from './test-support/manual-clock.ts'
import { PeerServer } from './test-support/peer-server.ts'

const role = { rid: 'r1', name: 'Ada', level: 1, exp: 0, createdAtMs: 5, lastEnterAtMs: 0, version: 1 }
const chatMessage = { channel: 'world', seq: 1, from: { rid: 'r2', name: 'Bob' }, text: 'hi', sentAtMs: 7 }
const { create, get, list, ping } = routes.game.role
const { message } = pushes.chat.channel

let server: PeerServer

beforeEach(async () => {
  server = await PeerServer.listen()
})

afterEach(() => server.close())

describe.each(serializers)('over %s', (serializer) => {
  test.each([
    ['names', {}, 'game.role.create'],
    ['codes of the dictionary', { dict: { ...routeDictionary } }, 202],
  ])('a request with its answer, routes as %s', async (_, answer, route) => {
    const { client, peer } = await connected(server, { serializer }, answer)
    const creating = client.request(create, { name: 'Ada' })
    const request = await peer.nextRequest()
    expect(request.route).toBe(route)
    expect(peer.decode(request.body)).toEqual({ name: 'Ada' })
    peer.respond(request, { role })
    expect(await creating).toEqual({ role })
    expect(client.pendingRequests).toBe(0)
  })

  test('answers find their requests in any order', async () => {
    const { client, peer } = await connected(server, { serializer })
    const pings = [1, 2, 3].map((clientTimeMs) => client.request(ping, { clientTimeMs }))
    const requests = [await peer.nextRequest(), await peer.nextRequest(), await peer.nextRequest()]
    for (const request of requests.toReversed()) {
      peer.respond(request, { ...(peer.decode(request.body) as object), serverTimeMs: 9 })
    }
    expect((await Promise.all(pings)).map(({ clientTimeMs }) => clientTimeMs)).toEqual([1, 2, 3])
  })

  test('an error answer becomes the HydraError that the server threw', async () => {
    const { client, peer } = await connected(server, { serializer })
    const creating = client.request(create, { name: 'Ada' })
    const error = new HydraError('NAME_TAKEN', 'Choose another.', { metadata: { name: 'Ada' } })
    peer.respond(await peer.nextRequest(), error.toBody(), { error: true })
    await expect(creating).rejects.toMatchObject({
      code: 'NAME_TAKEN',
      message: 'Choose another.',
      metadata: { name: 'Ada' },
    })
  })

  test.each<[string, string | number]>([
    ['name', 'chat.channel.message'],
    ['code', 351],
  ])('a push by %s reaches its listeners until they stop', async (_, route) => {
    const { client, peer } = await connected(server, { serializer }, { dict: { ...routeDictionary } })
    const heard: string[] = []
    const stop = client.on(message, ({ text }) => {
      heard.push(`first ${text}`)
      stop()
    })
    const twice = new Promise<void>((resolve) => {
      client.on(message, ({ text }) => {
        heard.push(`second ${text}`)
        if (text === 'again') resolve()
      })
    })
    peer.push(route, chatMessage)
    peer.push(route, { ...chatMessage, text: 'again' })
    await twice
    expect(heard).toEqual(['first hi', 'second hi', 'second again'])
  })
})

test('a push that follows an answer is seen after it, even when both arrive together', async () => {
  const { client, peer } = await connected(server)
  const order: string[] = []
  const pushed = new Promise<void>((resolve) => {
    client.on(message, () => {
      order.push('push')
      resolve()
    })
  })
  const getting = client.request(get, {}).then(() => order.push('answer'))
  const request = await peer.nextRequest()
  peer.together(() => {
    peer.respond(request, { role })
    peer.push('chat.channel.message', chatMessage)
  })
  await Promise.all([getting, pushed])
  expect(order).toEqual(['answer', 'push'])
})

test('a notify carries its body and no id', async () => {
  const move = defineRoute({
    name: 'game.scene.move',
    code: 999,
    kind: 'notify',
    auth: 'role',
    request: z.object({ x: z.number() }),
    response: z.object({}),
    errors: [],
    summary: 'Move.',
  })
  const { client, peer } = await connected(server)
  client.notify(move, { x: 3 })
  const sent = await peer.nextMessage()
  expect(sent).toMatchObject({ kind: 'notify', route: 'game.scene.move' })
  expect(peer.decode(sent.body)).toEqual({ x: 3 })
})

describe('deadlines and bounds', () => {
  test('TIMEOUT at the deadline of the request, and a late answer is only counted', async () => {
    const clock = new ManualClock()
    const { client, peer } = await connected(server, { clock, timeoutMs: 1_000 })
    const slow = client.request(get, {})
    const slower = client.request(get, {}, { timeoutMs: 2_000 })
    const request = await peer.nextRequest()
    clock.advance(1_000)
    await expect(slow).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: 'game.role.get was not answered within 1000 ms.',
    })
    expect(client.pendingRequests).toBe(1)
    peer.respond(request, { role })
    peer.respond(await peer.nextRequest(), { role })
    await expect(slower).resolves.toEqual({ role })
    expect(client.issueCounts['unmatched-response']).toBe(1)
    expect(clock.timers).toBe(0)
  })

  test('SERVER_BUSY for one request too many, and room again after an answer', async () => {
    const { client, peer } = await connected(server, { maxPendingRequests: 2 })
    const first = client.request(list, {})
    const second = client.request(list, {})
    await expect(client.request(list, {})).rejects.toMatchObject({
      code: 'SERVER_BUSY',
      message: expect.stringContaining('2 requests wait'),
    })
    peer.respond(await peer.nextRequest(), { roles: [] })
    await first
    const third = client.request(list, {})
    peer.respond(await peer.nextRequest(), { roles: [] })
    peer.respond(await peer.nextRequest(), { roles: [] })
    await Promise.all([second, third])
  })

  test('a request too large for a packet fails, and the connection goes on', async () => {
    const { client, peer } = await connected(server)
    const name = 'x'.repeat(17 * 1_048_576)
    await expect(client.request(create, { name })).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
    expect(client.pendingRequests).toBe(0)
    const listing = client.request(list, {})
    peer.respond(await peer.nextRequest(), { roles: [] })
    await listing
  })
})

describe('answers and pushes that break their contract', () => {
  test('an answer: PROTOCOL_ERROR for its request only', async () => {
    const { client, peer } = await connected(server)
    const getting = client.request(get, {})
    peer.respond(await peer.nextRequest(), { role: { ...role, level: 'high' } })
    await expect(getting).rejects.toMatchObject({
      code: 'PROTOCOL_ERROR',
      message: 'The answer to game.role.get does not have the form of its contract.',
    })
    const garbled = client.request(get, {})
    const { id } = await peer.nextRequest()
    peer.sendMessage({ kind: 'response', id, body: Uint8Array.of(0xc1) })
    await expect(garbled).rejects.toMatchObject({ code: 'PROTOCOL_ERROR' })
    expect(client.closed).toBeUndefined()
  })

  test('an answer, where validation is off: as it came', async () => {
    const { client, peer } = await connected(server, { validateAnswers: false })
    const getting = client.request(get, {})
    peer.respond(await peer.nextRequest(), { role: 'anything' })
    expect(await getting).toEqual({ role: 'anything' })
  })

  test('pushes: counted, reported, and the next one is delivered', async () => {
    const issues: ClientIssue[] = []
    const { client, peer } = await connected(server, { onIssue: (issue) => issues.push(issue) })
    const heard = new Promise((resolve) => client.on(message, resolve))
    peer.push('chat.future.event', {})
    peer.push(60_000, {})
    peer.push('chat.channel.message', { ...chatMessage, seq: 0 })
    peer.push('chat.channel.message', chatMessage)
    expect(await heard).toEqual(chatMessage)
    expect(issues).toMatchObject([
      { kind: 'unknown-push', route: 'chat.future.event' },
      { kind: 'unknown-push', route: 'code 60000' },
      { kind: 'invalid-push', route: 'chat.channel.message', error: { code: 'BAD_REQUEST' } },
    ])
    expect(client.issueCounts).toMatchObject({ 'unknown-push': 2, 'invalid-push': 1 })
  })

  test('a known push that nobody listens to is no issue', async () => {
    const { client, peer } = await connected(server)
    const listing = client.request(list, {})
    peer.push('chat.channel.message', chatMessage)
    peer.respond(await peer.nextRequest(), { roles: [] })
    await listing
    expect(client.issueCounts['unknown-push']).toBe(0)
  })

  test('a listener that throws keeps neither other listeners nor the connection from working', async () => {
    const issues: ClientIssue[] = []
    const { client, peer } = await connected(server, { onIssue: (issue) => issues.push(issue) })
    client.on(message, () => {
      throw new Error('in the application')
    })
    const heard = new Promise((resolve) => client.on(message, resolve))
    peer.push('chat.channel.message', chatMessage)
    await heard
    expect(issues).toMatchObject([{ kind: 'listener-failed', error: { message: 'in the application' } }])
    expect(client.closed).toBeUndefined()
  })
})

// Checked by `tsc -b` (npm run typecheck).
test('types: bodies and answers follow the contract; internal routes and notifies cannot be requested', () => {
  type Requestable = Parameters<GameClient['request']>[0]
  expectTypeOf(routes.game.role.create).toExtend<Requestable>()
  expectTypeOf(routes.gate.session.kick).not.toExtend<Requestable>()
  expectTypeOf(routes.game.role.leave).not.toExtend<Requestable>()
  expectTypeOf<Requestable['kind']>().toEqualTypeOf<'request'>()
  expectTypeOf<Parameters<GameClient['notify']>[0]['kind']>().toEqualTypeOf<'notify'>()

  const creating = (client: GameClient) => client.request(create, { name: 'Ada' })
  expectTypeOf(creating).returns.resolves.toEqualTypeOf<{ role: typeof role }>()
  const request = (client: GameClient) => client.request<typeof create>
  expectTypeOf(request).returns.parameter(1).toEqualTypeOf<{ name: string }>()
})
