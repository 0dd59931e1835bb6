import { routes } from '@hydra/protocol'
import type { RoleSession } from '@hydra/rpc'
import { silentLogger } from '@hydra/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { GateTopics } from '../channel/gate-topics.ts'
import { ChatWorld } from '../test-support/chat-world.ts'
import type { TestBackends } from '../test-support/test-backends.ts'
import type { TestGate } from '../test-support/test-gate.ts'
import { compareMemberships } from './compare-memberships.ts'
import { syncMembership, type MembershipChat } from './sync-membership.ts'

const alliances = ['a1', 'a2', 'a3'] as const
const ada = { rid: 'rid-Ada', uid: 'uid-Ada', name: 'Ada', level: 1 }

/** How memberships become known, on stores, databases and buses, whatever they are. */
export function syncMembershipContract(open: () => Promise<TestBackends>): void {
  let world: ChatWorld
  let gate: TestGate
  let session: RoleSession
  /** Two servers that do the same. */
  let servers: readonly [MembershipChat, MembershipChat]

  beforeEach(async () => {
    world = new ChatWorld(await open())
    await world.startChat()
    gate = (await world.startGate()).gate
    servers = [await server(), await server()]
    for (const allianceId of alliances) await found(allianceId)
    session = gate.open(ada.uid, ada.rid, 1)
    await gate.enter(session, ada.name)
  })
  afterEach(() => world.close())

  async function server(): Promise<MembershipChat> {
    const { peer, announce } = await world.openServer('game')
    await announce()
    const { presence, chatLog, chatMarkers } = world.storage.stores
    const topics = new GateTopics({ peer, log: silentLogger, timeoutMs: 1_000 })
    const { alliances, chatArchive } = world.storage
    return { presence, chatLog, chatArchive, chatMarkers, alliances, topics, log: silentLogger }
  }
  const found = (allianceId: string) =>
    world.storage.alliances.create({
      allianceId,
      name: `The ${allianceId}`,
      tag: allianceId,
      description: '',
      policy: 'open',
      minLevel: 1,
      founder: { rid: `rid-${allianceId}`, uid: `uid-${allianceId}`, name: 'Leader', level: 1 },
    })
  const comeIn = (allianceId: string) =>
    world.storage.alliances.change(allianceId, [ada.rid], () => ({ join: [{ ...ada, rank: 'member' }] }))
  const goOut = (allianceId: string) =>
    world.storage.alliances.change(allianceId, [ada.rid], ({ memberships }) =>
      memberships.get(ada.rid)?.allianceId === allianceId ? { leave: [ada.rid] } : undefined,
    )
  const noted = async () => (await world.storage.stores.presence.get(ada.rid))?.allianceId
  const heard = () => gate.topicsOf(session).filter((topic) => topic.startsWith('chat-alliance-'))
  const marked = async (markers = world.storage.stores.chatMarkers) =>
    markers.get(
      ada.rid,
      alliances.map((allianceId) => `alliance-${allianceId}`),
    )
  /** Messages of the past, so that a marker can be told from none. */
  const talk = async () => {
    for (const allianceId of alliances) {
      const draft = { from: { rid: 'rid-x', name: 'Xenia' }, text: 'hello', sentAtMs: world.clock.nowMs() }
      const options = { ceiling: 100, floor: 0, archive: false }
      await world.storage.stores.chatLog.append(`alliance-${allianceId}`, [draft], options)
    }
  }

  it('a comparison puts right what is noted otherwise than it is, and only that', async () => {
    const [chat] = servers
    const { presence } = world.storage.stores
    const page = async () => [await presence.get(ada.rid)].filter((one) => one !== undefined)
    await comeIn('a1')
    await compareMemberships(chat, await page())
    expect([await noted(), heard()]).toEqual(['a1', ['chat-alliance-a1']])
    // As after a failover: what was put out is there again.
    await goOut('a1')
    await compareMemberships(chat, await page())
    expect([await noted(), heard()]).toEqual([undefined, []])
    const away = { ...chat, alliances: { memberships: () => Promise.reject(new Error('away')) } }
    // Without the calls that are not made while the first one fails.
    await compareMemberships(away as unknown as typeof chat, await page())
  })

  describe('a role that is online', () => {
    it('hears of its alliance from the change on, and of none when it is out', async () => {
      await talk()
      await comeIn('a1')
      expect(await syncMembership(servers[0], ada.rid)).toMatchObject({ allianceId: 'a1' })
      expect([await noted(), heard(), await marked()]).toEqual(['a1', ['chat-alliance-a1'], [1, 0, 0]])
      await goOut('a1')
      await comeIn('a2')
      await syncMembership(servers[1], ada.rid, { left: 'a1' })
      expect([await noted(), heard(), await marked()]).toEqual(['a2', ['chat-alliance-a2'], [0, 1, 0]])
      await goOut('a2')
      await syncMembership(servers[0], ada.rid)
      expect([await noted(), heard(), await marked()]).toEqual([undefined, [], [0, 0, 0]])
    })

    it('that is out already stops hearing, although whoever noted that died before the gate heard of it', async () => {
      await comeIn('a1')
      await syncMembership(servers[0], ada.rid)
      await goOut('a1')
      await world.storage.stores.presence.update(ada.rid, { allianceId: null })
      await syncMembership(servers[1], ada.rid, { left: 'a1' })
      expect([await noted(), heard()]).toEqual([undefined, []])
    })

    it('ends where the database is, however many changes are made known at the same time', async () => {
      const [one, two] = servers
      for (let round = 0; round < 15; round += 1) {
        const from = alliances[round % 3] ?? 'a1'
        const to = alliances[(round + 1 + (round % 2)) % 3] ?? 'a1'
        const out = goOut(from).then(() => syncMembership(one, ada.rid, { left: from }))
        const others = [syncMembership(two, ada.rid), gate.enter(session, ada.name)]
        const into = comeIn(to).then(
          () => syncMembership(two, ada.rid),
          () => undefined,
        )
        await Promise.all([out, into, ...others])
        const [membership] = await world.storage.alliances.memberships([ada.rid])
        const allianceId = membership?.allianceId
        expect(await noted()).toBe(allianceId)
        expect(heard()).toEqual(allianceId === undefined ? [] : [`chat-alliance-${allianceId}`])
      }
    })
  })

  it('of a role that is not online only the marker begins or goes', async () => {
    await talk()
    await gate.leave(session)
    await comeIn('a1')
    expect(await syncMembership(servers[0], ada.rid)).toBeUndefined()
    expect(await marked()).toEqual([1, 0, 0])
    await goOut('a1')
    expect(await syncMembership(servers[0], ada.rid, { left: 'a1' })).toBeUndefined()
    expect([await noted(), await marked()]).toEqual([undefined, [0, 0, 0]])
  })

  it('of a session without room for one more topic is noted nevertheless', async () => {
    const call = { sessionId: session.sessionId, topics: [] as string[] }
    for (let count = gate.topicsOf(session).length; count < 256; count += 1) {
      call.topics = [`chat-presence-${count}`]
      await gate.peer.call(routes.gate.topic.join, call, { to: { server: gate.peer.id } })
    }
    await comeIn('a1')
    expect(await syncMembership(servers[0], ada.rid)).toMatchObject({ allianceId: 'a1' })
  })

  it('of a session that is gone by then is noted nevertheless', async () => {
    gate.close(session)
    await comeIn('a1')
    expect(await syncMembership(servers[0], ada.rid)).toMatchObject({ allianceId: 'a1' })
  })
}
