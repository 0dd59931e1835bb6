import { pushes, routes, type ChatMessage } from '@hydra/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGateWorld, type TestGate } from './test-support/gate-world.ts'
import type { RawClient } from './test-support/raw-client.ts'

const message = (seq: number): ChatMessage => ({
  channel: 'world',
  seq,
  from: { rid: 'r1', name: 'Ada' },
  text: `message ${seq}`,
  sentAtMs: 1,
})
const { name, code } = pushes.chat.channel.message
const topic = 'chat-world'

describe.each(['uws', 'ws', 'tcp'] as const)('pushes over %s', (transport) => {
  let world: Awaited<ReturnType<typeof createGateWorld>>
  let gate: TestGate
  let chat: Awaited<ReturnType<typeof world.startChat>>
  let game: Awaited<ReturnType<typeof world.startGame>>

  beforeEach(async () => {
    world = await createGateWorld()
    gate = await world.startGate({ gate: { transport } })
    chat = await world.startChat()
    game = await world.startGame()
  })
  afterEach(() => world.end())

  async function player(uid: string, start: (client: RawClient) => Promise<unknown>): Promise<RawClient> {
    const client = world.client(gate)
    await start(client)
    await client.ask('gate.session.login', { token: await world.account(uid) })
    await client.ask('game.role.enter', { rid: `r-${uid}` })
    return client
  }

  const sessionIdOf = async (uid: string) => (await world.storage.stores.sessions.get(uid))?.sessionId ?? ''
  const change = async (route: 'join' | 'leave', uid: string, topics: string[] = [topic]) =>
    chat.peer.call(
      routes.gate.topic[route],
      { sessionId: await sessionIdOf(uid), topics },
      { to: { server: gate.id } },
    )

  it('are compressed for those that asked for it, where it makes them smaller', async () => {
    const clients = [
      await player('plain', (client) => client.start('json')),
      await player('small', (client) => client.start('json', { compress: true })),
      await player('packed', (client) => client.start('msgpack', { compress: true, dict: true })),
    ]
    for (const uid of ['plain', 'small', 'packed']) await change('join', uid)
    const long = { ...message(1), text: 'again and '.repeat(200) }
    chat.peer.publish(topic, pushes.chat.channel.message, long)
    chat.peer.publish(topic, pushes.chat.channel.message, message(2))
    const received = await Promise.all(
      clients.map(async (client) => [await client.push(), await client.push()]),
    )
    expect(received.map((each) => each.map(({ body }) => body))).toEqual(
      clients.map(() => [long, message(2)]),
    )
    expect(received.map((each) => each.map(({ compressed }) => compressed))).toEqual([
      [false, false],
      [true, false],
      [true, false],
    ])
  })

  it('reach each member once, in its serializer, coded only where the client has the dictionary', async () => {
    const clients = [
      await player('json', (client) => client.start('json', { type: 'unity' })),
      await player('msgpack', (client) => client.start('msgpack')),
      await player('pomelo', (client) => client.start('json', { type: 'js-websocket' })),
      await player('both', (client) => client.start('msgpack', { dict: true })),
    ]
    const outsider = await player('outsider', (client) => client.start())
    for (const uid of ['json', 'msgpack', 'pomelo', 'both', 'both']) {
      expect(await change('join', uid)).toEqual({ found: true })
    }
    chat.peer.publish(topic, pushes.chat.channel.message, message(1))
    chat.peer.publish(topic, pushes.chat.channel.message, message(2))
    for (const [i, client] of clients.entries()) {
      const route = i < 2 ? name : code
      expect(await client.push()).toEqual({ compressed: false, route, body: message(1) })
      expect(await client.push()).toEqual({ compressed: false, route, body: message(2) })
      await client.ask('game.role.get')
      expect(client.inbox).toEqual([])
    }
    await outsider.ask('game.role.get')
    expect(outsider.inbox).toEqual([])
    expect(await gate.metric(`hydra_gate_pushes_total{route="${name}",service="gate"}`)).toBe(8)
  })

  it('keep their order with the responses to one client', async () => {
    const client = await player('u1', (client) => client.start())
    await change('join', 'u1')
    let seq = 0
    const sent: string[] = []
    const publish = () => {
      sent.push(`push ${++seq}`)
      game.peer.publish(topic, pushes.chat.channel.message, message(seq))
    }
    game.replace('game.role.ping', () => {
      publish()
      // Once the response is on its way.
      queueMicrotask(publish)
      sent.push(`response ${seq}`)
      return { serverTimeMs: seq }
    })
    for (let i = 0; i < 20; i++) client.post('game.role.ping', {})
    const received: string[] = []
    while (received.length < 60) {
      const { message: one } = await client.next('message')
      const body = JSON.parse(new TextDecoder().decode(one.body)) as { seq?: number; serverTimeMs?: number }
      received.push(`${one.kind} ${body.seq ?? body.serverTimeMs}`)
    }
    expect(received).toEqual(sent)
  })

  it('stop with leave, logout and the end of the connection', async () => {
    const [a, b, c] = [
      await player('a', (client) => client.start()),
      await player('b', (client) => client.start()),
      await player('c', (client) => client.start()),
    ]
    for (const uid of ['a', 'b', 'c']) await change('join', uid, [topic, 'other'])
    const sessionOfC = await sessionIdOf('c')
    expect(await change('leave', 'a')).toEqual({ found: true })
    await b.ask('gate.session.logout')
    c.close()
    await game.called(5)
    chat.peer.publish(topic, pushes.chat.channel.message, message(1))
    chat.peer.publish('other', pushes.chat.channel.message, message(2))
    expect((await a.push()).body).toEqual(message(2))
    expect((await b.ask('game.role.get')).error?.code).toBe('NOT_LOGGED_IN')
    expect([a.inbox, b.inbox]).toEqual([[], []])
    for (const route of [routes.gate.topic.join, routes.gate.topic.leave]) {
      const late = chat.peer.call(
        route,
        { sessionId: sessionOfC, topics: [topic] },
        { to: { server: gate.id } },
      )
      expect(await late).toEqual({ found: false })
    }
    expect(await gate.metric('hydra_topic_active{service="gate"}')).toBe(1)
  })

  it('are not missed when they are published as soon as the join was answered', async () => {
    const client = await player('u1', (client) => client.start())
    for (let i = 1; i <= 10; i++) {
      await change('join', 'u1', [`topic-${i}`])
      chat.peer.publish(`topic-${i}`, pushes.chat.channel.message, message(i))
      expect((await client.push()).body).toEqual(message(i))
    }
  })
})
