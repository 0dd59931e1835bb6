import { pushes, routes } from '@hydra/protocol'
import type { Presence } from '@hydra/persistence'
import type { RoleSession } from '@hydra/rpc'
import { createMetrics, silentLogger } from '@hydra/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { presenceTopic, roleTopic, topicsOf } from '../channel/channel.ts'
import { GateTopics } from '../channel/gate-topics.ts'
import { createChatMetrics } from '../chat-metrics.ts'
import { chatConfigSchema } from '../config.ts'
import { ChatWorld } from '../test-support/chat-world.ts'
import type { TestBackends } from '../test-support/test-backends.ts'
import type { TestGate } from '../test-support/test-gate.ts'
import { PresenceSweep, type PresenceSweepBounds } from './presence-sweep.ts'

const { changed } = pushes.chat.presence
const config = chatConfigSchema.parse({ presence: { sweepIntervalMs: 15_000, gateGraceMs: 15_000 } })

type Started = Awaited<ReturnType<ChatWorld['startGate']>>

/** What the sweep does on stores, registries and buses, whatever they are. */
export function presenceSweepContract(open: () => Promise<TestBackends>): void {
  let world: ChatWorld
  let started: Started
  let gate: TestGate
  let epoch: number

  beforeEach(async () => {
    world = new ChatWorld(await open())
    started = await world.startGate()
    gate = started.gate
    epoch = 0
  })
  afterEach(() => world.close())

  const presence = () => world.storage.stores.presence
  const isOnline = async (...names: readonly string[]) => presence().online(names)

  /** A chat server that sweeps, and does nothing besides. */
  async function sweeper(bounds: PresenceSweepBounds = {}, isConnected = () => true) {
    const { peer, registry, announce, die } = await world.openServer('chat')
    await announce()
    const metrics = createMetrics({ service: 'chat' })
    const rejoined: string[] = []
    const compared: string[] = []
    const chat = {
      presence: presence(),
      chatMarkers: world.storage.stores.chatMarkers,
      topics: new GateTopics({ peer, log: silentLogger, timeoutMs: 1_000 }),
      peer,
      registry: {
        get connected() {
          return registry.connected && isConnected()
        },
        get: (id: string) => registry.get(id),
      },
      clock: world.clock,
      log: silentLogger,
      metrics: createChatMetrics(metrics),
      config,
      rejoin: async (noted: Presence) => void rejoined.push(noted.rid),
      compare: async (page: readonly Presence[]) => void compared.push(...page.map(({ rid }) => rid)),
    }
    const sweep = new PresenceSweep(chat, bounds)
    return {
      rejoined,
      compared,
      look: () => sweep.look(),
      async swept(gone: 'gate' | 'session') {
        const lines = (await metrics.expose()).split('\n')
        const found = lines.find((line) => line.includes('presence_swept') && line.includes(`gone="${gone}"`))
        return Number(found?.slice(found.lastIndexOf(' ')) ?? 0)
      },
      die,
    }
  }

  /** A session that is noted as present, with its topics. */
  async function player(rid: string, on = gate): Promise<RoleSession> {
    const session = on.open(`uid-${rid}`, rid, (epoch += 1))
    const { gateId, sessionId, uid } = session
    const arrival = { rid, uid, name: rid, level: 1, gateId, sessionId, sessionEpoch: session.epoch }
    const member = await presence().enter(arrival, { zone: 'test', rolesMax: 100 })
    await join(session, member === undefined ? [] : topicsOf(member), on)
    return session
  }
  const join = ({ sessionId, gateId }: RoleSession, topics: readonly string[], on = gate) =>
    on.peer.call(routes.gate.topic.join, { sessionId, topics: [...topics] }, { to: { server: gateId } })
  /** A session that watches roles. */
  async function watcher(on: TestGate, ...rids: readonly string[]): Promise<RoleSession> {
    const session = on.open('uid-watcher', 'watcher', 1)
    await join(session, rids.map(presenceTopic), on)
    return session
  }

  it('leaves alone whoever is there, or may still come back', async () => {
    const { look, swept } = await sweeper()
    await player('ada')
    for (let times = 0; times < 3; times += 1) {
      world.clock.advance(60_000)
      await look()
    }
    expect(gate.asked).toBe(3)
    expect(await isOnline('ada')).toEqual([true])
    expect([await swept('gate'), await swept('session')]).toEqual([0, 0])
  })

  it('has the alliances compared of whoever is there, and of nobody else', async () => {
    const { look, compared } = await sweeper({ pageMax: 2 })
    const gone = await player('gone')
    for (const name of ['a', 'b', 'c']) await player(name)
    gate.close(gone)
    await look()
    expect(compared.toSorted()).toEqual(['a', 'b', 'c'])
  })

  it('joins whoever is there and receives nothing, at the second look', async () => {
    const { look, rejoined } = await sweeper({ pageMax: 2 })
    const deaf = await player('deaf')
    for (const name of ['a', 'b', 'c']) await player(name)
    gate.forget(deaf)
    await look()
    expect(rejoined).toEqual([])
    await look()
    expect(rejoined).toEqual(['deaf'])
    expect(await isOnline('deaf', 'a', 'b', 'c')).toEqual([true, true, true, true])
    await join(deaf, [roleTopic(deaf.rid)])
    const next = await player('next')
    gate.forget(next)
    await look()
    await presence().leave(next.rid, next.epoch, 0)
    await look()
    expect(rejoined).toEqual(['deaf'])
  })

  describe('a gate that has left', () => {
    it('takes its roles along after a while, and those who watch them are told', async () => {
      const { gate: other } = await world.startGate()
      const { look, swept } = await sweeper({ pageMax: 2 })
      const rids = ['a', 'b', 'c', 'd', 'e']
      for (const rid of rids) await player(rid)
      await player('other', other)
      const watching = await watcher(other, ...rids)
      await started.die()

      await look()
      world.clock.advance(14_999)
      await look()
      expect(await isOnline('a')).toEqual([true])
      world.clock.advance(1)
      await look()
      expect(await isOnline(...rids, 'other')).toEqual([false, false, false, false, false, true])
      const lastSeenAtMs = world.clock.nowMs()
      const told = await other.receivesPushes(watching, changed, 5)
      expect(told.toSorted((one, two) => (one.rid < two.rid ? -1 : 1))).toEqual(
        rids.map((rid) => ({ rid, online: false, lastSeenAtMs })),
      )
      expect(await presence().gates()).toEqual([other.peer.id])
      expect(await swept('gate')).toBe(5)
    })

    it('takes nobody along who has come to another one meanwhile', async () => {
      const { gate: other } = await world.startGate()
      const { look } = await sweeper()
      await player('ada')
      await started.die()
      await look()
      await player('ada', other)
      world.clock.advance(20_000)
      await look()
      expect(await isOnline('ada')).toEqual([true])
    })

    it('is not said to have left while the registry is not connected', async () => {
      let connected = true
      const { look } = await sweeper({}, () => connected)
      await player('ada')
      await started.die()
      await look()
      connected = false
      world.clock.advance(20_000)
      await look()
      connected = true
      await look()
      world.clock.advance(14_999)
      await look()
      expect(await isOnline('ada')).toEqual([true])
      world.clock.advance(1)
      await look()
      expect(await isOnline('ada')).toEqual([false])
    })
  })

  describe('a session that its gate does not have', () => {
    it('is ended when it is gone on two looks', async () => {
      const { look, swept } = await sweeper()
      const ada = await player('ada')
      await player('bob')
      const watching = await watcher(gate, 'ada', 'bob')
      gate.close(ada)
      await look()
      expect(await isOnline('ada', 'bob')).toEqual([true, true])
      await look()
      expect(await isOnline('ada', 'bob')).toEqual([false, true])
      const lastSeenAtMs = world.clock.nowMs()
      expect(await gate.receivesPushes(watching, changed, 1)).toEqual([
        { rid: 'ada', online: false, lastSeenAtMs },
      ])
      expect(await swept('session')).toBe(1)
    })

    it('is left alone when it is there again, or another one is, on the second look', async () => {
      const { look } = await sweeper()
      const [ada, bob] = [await player('ada'), await player('bob')]
      gate.play(ada, 'another')
      gate.close(bob)
      await look()
      gate.play(ada, 'ada')
      gate.close(await player('bob'))
      await look()
      expect(await isOnline('ada', 'bob')).toEqual([true, true])
      gate.play(ada, 'another')
      await look()
      expect(await isOnline('ada', 'bob')).toEqual([true, false])
    })

    it('that goes on with another role stops receiving what the former one did', async () => {
      const { look } = await sweeper()
      const ada = await player('ada')
      await join(ada, ['chat-presence-friend'])
      gate.play(ada, 'another')
      await look()
      await look()
      expect(await isOnline('ada')).toEqual([false])
      expect(gate.topicsOf(ada)).toEqual(['chat-presence-friend'])
    })
  })

  it('goes on with other gates when one does not answer, and begins anew with that one', async () => {
    const { gate: other } = await world.startGate()
    const { look } = await sweeper()
    gate.close(await player('ada'))
    other.close(await player('bob', other))
    await look()
    gate.isBroken = true
    await look()
    expect(await isOnline('ada', 'bob')).toEqual([true, false])
    gate.isBroken = false
    await look()
    expect(await isOnline('ada')).toEqual([true])
    await look()
    expect(await isOnline('ada')).toEqual([false])
  })

  it('looks at so many roles at a time, and at each gate in its turn', async () => {
    const gates = [gate, (await world.startGate()).gate, (await world.startGate()).gate]
    const { look } = await sweeper({ pageMax: 2, rolesPerLookMax: 3 })
    for (const [index, on] of gates.entries())
      for (const rid of ['a', 'b', 'c']) await player(`${rid}${index}`, on)
    for (let times = 1; times <= 6; times += 1) {
      await look()
      // Two pages of each.
      expect(gates.reduce((sum, { asked }) => sum + asked, 0)).toBe(2 * times)
    }
    expect(gates.map(({ asked }) => asked)).toEqual([4, 4, 4])
  })

  it('is done by one server for each gate, and by another one when that dies', async () => {
    const gates = [gate]
    for (let index = 0; index < 7; index += 1) gates.push((await world.startGate()).gate)
    const [one, two] = [await sweeper(), await sweeper()]
    for (const [index, on] of gates.entries()) await player(`r${index}`, on)
    await Promise.all([one.look(), two.look()])
    expect(gates.map(({ asked }) => asked)).toEqual(gates.map(() => 1))
    await one.die()
    await Promise.all([one.look(), two.look()])
    expect(gates.map(({ asked }) => asked)).toEqual(gates.map(() => 2))
  })
}
