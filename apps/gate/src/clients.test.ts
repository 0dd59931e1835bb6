import { connect } from '@hydra/client'
import { pushes, routes, routeDictionary, type ChatMessage } from '@hydra/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGateWorld, type TestGate } from './test-support/gate-world.ts'
import { loadPomeloJsClient } from './test-support/pomelo-jsclient.ts'
import { PomeloClient } from './test-support/pomelo-client.ts'
import { roleView } from './test-support/test-servers.ts'

describe.each(['uws', 'ws'] as const)('a whole story over %s', (transport) => {
  let world: Awaited<ReturnType<typeof createGateWorld>>
  let gate: TestGate
  let game: Awaited<ReturnType<typeof world.startGame>>

  beforeEach(async () => {
    world = await createGateWorld()
    gate = await world.startGate({ gate: { transport } })
    game = await world.startGame()
    // A chat that joins whoever asks and tells everybody what is said.
    await world.startChat((peer) => ({
      'chat.channel.join': async ({ session }, { channel }) => {
        const join = { sessionId: session.sessionId, topics: ['chat-world'] }
        await peer.call(routes.gate.topic.join, join, { to: { server: session.gateId } })
        return { channel, lastSeq: 0 }
      },
      'chat.channel.send': ({ session }, { channel, text }) => {
        const from = { rid: session.rid, name: 'Ada' }
        peer.publish('chat-world', pushes.chat.channel.message, { channel, seq: 1, from, text, sentAtMs: 1 })
        return { seq: 1, sentAtMs: 1 }
      },
    }))
  })
  afterEach(() => world.end())

  it('of a Pomelo JavaScript client', async () => {
    const client = new PomeloClient(gate.url)
    const answer = await client.init()
    expect(answer).toEqual({
      code: 200,
      sys: { heartbeat: 30, serializer: 'json', dict: routeDictionary },
    })
    expect(client.isCoded('gate.session.login')).toBe(true)
    expect(await client.request('game.role.list')).toMatchObject({ code: 'NOT_LOGGED_IN' })
    const login = await client.request('gate.session.login', { token: await world.account('u1') })
    expect(login).toMatchObject({ uid: 'u1' })
    expect(await client.request('game.role.enter', { rid: 'r1' })).toEqual({ role: roleView('r1') })
    expect(await client.request('no.such.route')).toMatchObject({ code: 'ROUTE_UNKNOWN' })

    const heard = new Promise((resolve) => client.on('chat.channel.message', resolve))
    await client.request('chat.channel.join', { channel: 'world' })
    // A notify of a request is refused in the log only; what follows is served.
    client.notify('chat.channel.send', { channel: 'world', text: 'not this' })
    await client.request('chat.channel.send', { channel: 'world', text: 'hello' })
    expect(await heard).toMatchObject({ text: 'hello', from: { rid: 'r1' } })
    while (client.heartbeatsReceived < 3) await client.request('game.role.get')

    expect(await client.request('gate.session.logout')).toEqual({})
    const to = { server: gate.id }
    const again = (await client.request('gate.session.login', { token: await world.token('u1') })) as {
      sessionId: string
    }
    await game.peer.call(routes.gate.session.kick, { sessionId: again.sessionId, reason: 'KICKED' }, { to })
    expect(await client.kicked).toMatchObject({ code: 'KICKED' })
    await client.disconnected
    expect(client.failures).toEqual([])
  })

  it("of Pomelo's own JavaScript client, as it comes from npm", async () => {
    const pomelo = loadPomeloJsClient()
    const { hostname, port } = new URL(gate.url)
    await new Promise<void>((resolve) => pomelo.init({ host: hostname, port: Number(port) }, resolve))
    const request = (route: string, body: object = {}) =>
      new Promise((resolve) => pomelo.request(route, body, resolve))
    const ended = new Promise((resolve) => pomelo.on('disconnect', resolve))
    const kicked = new Promise((resolve) => pomelo.on('onKick', resolve))
    const heard = new Promise((resolve) => pomelo.on('chat.channel.message', resolve))

    expect(await request('game.role.list')).toMatchObject({ code: 'NOT_LOGGED_IN' })
    const login = await request('gate.session.login', { token: await world.account('u1') })
    expect(login).toMatchObject({ uid: 'u1' })
    expect(await request('game.role.enter', { rid: 'r1' })).toEqual({ role: roleView('r1') })
    await request('chat.channel.join', { channel: 'world' })
    await request('chat.channel.send', { channel: 'world', text: 'grüß dich' })
    expect(await heard).toMatchObject({ text: 'grüß dich', from: { rid: 'r1' } })
    // On to ids of two bytes.
    for (let i = 0; i < 90; i++) await request('game.role.get')
    await Promise.all(Array.from({ length: 60 }, () => request('game.role.get')))

    const { sessionId } = login as { sessionId: string }
    const kick = { sessionId, reason: 'KICKED' as const }
    await game.peer.call(routes.gate.session.kick, kick, { to: { server: gate.id } })
    expect(await kicked).toMatchObject({ code: 'KICKED' })
    await ended
    pomelo.disconnect()
  })

  it.each(['json', 'msgpack'] as const)("of Hydra's own client, with %s bodies", async (serializer) => {
    const client = await connect({ url: gate.url, serializer })
    const { uid } = await client.request(routes.gate.session.login, { token: await world.account('u1') })
    expect(uid).toBe('u1')
    expect(await client.request(routes.game.role.enter, { rid: 'r1' })).toEqual({ role: roleView('r1') })
    const created = client.request(routes.game.role.create, { name: 'Ada' })
    await expect(created).rejects.toMatchObject({ code: 'NAME_TAKEN', metadata: { name: 'Ada' } })
    const heard = new Promise<ChatMessage>((resolve) => {
      client.on(pushes.chat.channel.message, resolve)
    })
    await client.request(routes.chat.channel.join, { channel: 'world' })
    await client.request(routes.chat.channel.send, { channel: 'world', text: 'hello' })
    expect((await heard).text).toBe('hello')
    expect(client.issueCounts).toMatchObject(
      Object.fromEntries(Object.keys(client.issueCounts).map((k) => [k, 0])),
    )
    await client.close()
    await game.called(3)
    expect(game.calls.at(-1)).toMatchObject({
      route: 'game.role.leave',
      body: { rid: 'r1', reason: 'CLIENT_CLOSED', grace: true },
    })
  })
})
