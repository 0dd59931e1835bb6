import { pushes, routes } from '@hydra/protocol'
import { testBackends, uniqueName } from '@hydra/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createGateWorld, type TestGate } from './test-support/gate-world.ts'
import type { RawClient } from './test-support/raw-client.ts'
import { roleView } from './test-support/test-servers.ts'

/** What the other tests show over the embedded drivers, where NATS, etcd or Redis could make a difference. */
let world: Awaited<ReturnType<typeof createGateWorld>>

beforeEach(async () => {
  const { natsUrl = '', etcdUrl = '', redisUrl = '' } = testBackends()
  world = await createGateWorld({ real: { name: uniqueName('gate'), natsUrl, etcdUrl, redisUrl } })
})
afterEach(() => world.end())

async function player(gate: TestGate, uid: string): Promise<RawClient> {
  const client = await world.client(gate).start()
  await client.ask('gate.session.login', { token: await world.account(uid) })
  await client.ask('game.role.enter', { rid: `r-${uid}` })
  return client
}

it('an account that logs in at another gate has its older session ended', async () => {
  const game = await world.startGame()
  const [gate, other] = [await world.startGate(), await world.startGate()]
  const older = await player(gate, 'u1')
  const newer = await world.client(other).start()
  await newer.ask('gate.session.login', { token: await world.token('u1') })
  expect(await older.kick()).toMatchObject({ code: 'DUPLICATE_LOGIN' })
  await game.called(2)
  expect(game.calls.at(-1)?.body).toMatchObject({ rid: 'r-u1', reason: 'DUPLICATE_LOGIN', grace: false })
  expect((await world.storage.stores.sessions.get('u1'))?.gateId).toBe(other.id)
  expect((await newer.ask('game.role.enter', { rid: 'r-u1' })).body).toEqual({ role: roleView('r-u1') })
})

it('pushes keep their order with the responses to one client', async () => {
  const [game, chat] = [await world.startGame(), await world.startChat()]
  const gate = await world.startGate()
  const client = await player(gate, 'u1')
  const sessionId = (await world.storage.stores.sessions.get('u1'))?.sessionId ?? ''
  const join = { sessionId, topics: ['chat-world'] }
  await chat.peer.call(routes.gate.topic.join, join, { to: { server: gate.id } })
  let seq = 0
  const sent: string[] = []
  const publish = () => {
    const from = { rid: 'r1', name: 'Ada' }
    const message = { channel: 'world', seq: ++seq, from, text: 'x', sentAtMs: 1 }
    sent.push(`push ${seq}`)
    game.peer.publish('chat-world', pushes.chat.channel.message, message)
  }
  game.replace('game.role.ping', () => {
    publish()
    // Once the response is on its way.
    queueMicrotask(publish)
    sent.push(`response ${seq}`)
    return { serverTimeMs: seq }
  })
  for (let i = 0; i < 30; i++) client.post('game.role.ping', {})
  const received: string[] = []
  while (received.length < 90) {
    const { message } = await client.next('message')
    const body = JSON.parse(new TextDecoder().decode(message.body)) as { seq?: number; serverTimeMs?: number }
    received.push(`${message.kind} ${body.seq ?? body.serverTimeMs}`)
  }
  expect(received).toEqual(sent)
})

it('requests go on with another game server when theirs leaves, and ended sessions are told to it', async () => {
  const servers = [await world.startGame(), await world.startGame()]
  const gate = await world.startGate()
  const client = await player(gate, 'u1')
  const [bound, other] = servers[0]?.calls.length === 1 ? servers : [...servers].reverse()
  const left = new Promise<void>((resolve) => {
    gate.registry.watch(({ kind, server }) => {
      if (kind === 'left' && server.id === bound?.id) resolve()
    })
  })
  await bound?.die()
  await left
  expect((await client.ask('game.role.get')).body).toEqual({ role: roleView('r-u1') })
  client.close()
  await other?.called(2)
  expect(other?.calls.at(-1)).toMatchObject({ route: 'game.role.leave', body: { rid: 'r-u1', grace: true } })
})

it('drains, and is gone from the registry', async () => {
  const game = await world.startGame()
  const [gate, witness] = [await world.startGate(), await world.startGate()]
  const client = await player(gate, 'u1')
  const left = new Promise<void>((resolve) => {
    witness.registry.watch(({ kind, server }) => {
      if (kind === 'left' && server.id === gate.id) resolve()
    })
  })
  await gate.stop()
  await left
  expect((await client.closed).reason).toBe('SHUTDOWN')
  expect(game.calls.at(-1)?.body).toMatchObject({ rid: 'r-u1', reason: 'SHUTDOWN', grace: true })
})
