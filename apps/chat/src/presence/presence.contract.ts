import { pushes, routes, type RequestOf } from '@hydra/protocol'
import type { RoleSession } from '@hydra/rpc'
import { eventually } from '@hydra/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ChatWorld } from '../test-support/chat-world.ts'
import type { TestBackends } from '../test-support/test-backends.ts'
import type { TestGate } from '../test-support/test-gate.ts'

const { get, watch, unwatch, update } = routes.chat.presence
const { changed } = pushes.chat.presence
const { list, send, join } = routes.chat.channel
const { silence } = routes.chat.moderation

/** What clients and game see of presence, over calls, topics and stores, whatever they are. */
export function presenceContract(open: () => Promise<TestBackends>): void {
  let world: ChatWorld
  let gate: TestGate

  beforeEach(async () => {
    world = new ChatWorld(await open())
    await world.startChat({ channel: { worldRolesMax: 2 } })
    gate = (await world.startGate('eu')).gate
  })
  afterEach(() => world.close())

  const presenceOf = (rid: string) => world.storage.stores.presence.get(rid)
  /** A session that has entered its role. */
  const player = async (name: string, epoch = 1, on = gate): Promise<RoleSession> => {
    const session = on.open(`uid-${name}`, `rid-${name}`, epoch)
    expect(await on.enter(session, name)).toContain('system')
    return session
  }
  const tell = (body: RequestOf<typeof silence>) => gate.peer.call(silence, body, { to: { type: 'chat' } })
  const say = (session: RoleSession, text = 'hello') =>
    gate.request(session, send, { channel: 'world', text })
  /** An alliance that these lead and are members of. */
  const found = async (allianceId: string, leader: string, ...members: readonly string[]) => {
    const { alliances } = world.storage
    const role = (name: string) => ({
      rid: `rid-${name}`,
      uid: `uid-${name}`,
      name,
      level: 1,
      rank: 'member' as const,
    })
    await alliances.create({
      allianceId,
      name: `The ${allianceId}`,
      tag: allianceId,
      description: '',
      policy: 'open',
      minLevel: 1,
      founder: role(leader),
    })
    await alliances.change(
      allianceId,
      members.map((name) => role(name).rid),
      () => ({ join: members.map(role) }),
    )
  }

  describe('entering', () => {
    it('puts roles into shards of the world by the zone of their gate, and keeps them there', async () => {
      const { gate: other } = await world.startGate('us')
      const entered: (readonly string[])[] = []
      for (const name of ['Ada', 'Bob', 'Cid'])
        entered.push(await gate.enter(gate.open(`uid-${name}`, `rid-${name}`, 1), name))
      entered.push(await other.enter(other.open('uid-Dan', 'rid-Dan', 1), 'Dan'))
      expect(entered).toEqual(
        ['world-eu-1', 'world-eu-1', 'world-eu-2', 'world-us-1'].map((name) => [name, 'system']),
      )
      const moved = other.open('uid-Cid', 'rid-Cid', 2)
      expect(await other.enter(moved, 'Cid')).toEqual(['world-eu-2', 'system'])
      expect(other.topicsOf(moved)).toEqual(['chat-role-rid-Cid', 'chat-system', 'chat-world-eu-2'])
    })

    it('brings a role into the channel of its alliance and of its team', async () => {
      await found('a1', 'Ada')
      await world.storage.stores.chatTeams.replace('t1', 1, ['rid-Ada', 'rid-Bob'])
      const ada = gate.open('uid-Ada', 'rid-Ada', 1)
      expect(await gate.enter(ada, 'Ada', 9)).toEqual(['world-eu-1', 'alliance-a1', 'team-t1', 'system'])
      expect(await presenceOf(ada.rid)).toMatchObject({ allianceId: 'a1', teamId: 't1', level: 9 })
      expect(gate.topicsOf(ada)).toEqual([
        'chat-alliance-a1',
        'chat-role-rid-Ada',
        'chat-system',
        'chat-team-t1',
        'chat-world-eu-1',
      ])
    })

    it('takes out of an alliance that the role is not in any more', async () => {
      await player('Ada')
      await world.storage.stores.presence.update('rid-Ada', { allianceId: 'old', teamId: 'gone' })
      const again = await player('Ada', 2)
      const noted = await presenceOf(again.rid)
      expect([noted?.allianceId, noted?.teamId]).toEqual([undefined, undefined])
      expect(gate.topicsOf(again)).toEqual(['chat-role-rid-Ada', 'chat-system', 'chat-world-eu-1'])
    })

    it('counts nothing as unread that was said before, each time anew in the world', async () => {
      const unread = async (session: RoleSession) => {
        const { channels } = await gate.request(session, list, {})
        return channels.map(({ channel, unread: count }) => [channel, count])
      }
      const ada = await player('Ada')
      await say(ada)
      const bob = await player('Bob')
      expect(await unread(bob)).toEqual([
        ['world-eu-1', 0],
        ['system', 0],
      ])
      await say(ada)
      expect(await unread(bob)).toContainEqual(['world-eu-1', 1])
      await gate.leave(bob)
      await say(ada)
      expect(await unread(await player('Bob', 2))).toContainEqual(['world-eu-1', 0])
    })

    it('leaves what the session receives of an alliance that it was put out of unnoticed', async () => {
      await found('a1', 'Ada', 'Bob')
      const bob = await player('Bob')
      expect(gate.topicsOf(bob)).toContain('chat-alliance-a1')
      // As after a loss of the store, or, of a session that was resumed, while nobody knew that it goes on.
      await world.storage.stores.presence.leave(bob.rid, bob.epoch, 0)
      await world.storage.alliances.change('a1', [bob.rid], () => ({ leave: [bob.rid] }))
      await gate.enter(bob, 'Bob')
      expect(gate.topicsOf(bob)).toEqual(['chat-role-rid-Bob', 'chat-system', 'chat-world-eu-1'])
    })

    it('keeps whom the session watches', async () => {
      const bob = await player('Bob')
      await gate.request(bob, watch, { rids: ['rid-Ada'] })
      await gate.enter(bob, 'Bob')
      expect(gate.topicsOf(bob)).toContain('chat-presence-rid-Ada')
    })

    it('shows its alliance the name and level that nobody told it of', async () => {
      await found('a1', 'Ada')
      const ada = gate.open('uid-Ada', 'rid-Ada', 1)
      await gate.enter(ada, 'Grace', 9)
      const { members } = await gate.request(ada, routes.chat.alliance.members, { allianceId: 'a1' })
      expect(members).toMatchObject([{ name: 'Grace', level: 9 }])
    })

    it('of a session that is gone by then takes the presence back', async () => {
      const bob = await player('Bob')
      await gate.request(bob, watch, { rids: ['rid-Ada'] })
      await player('Ada')
      const gone = gate.open('uid-Ada', 'rid-Ada', 2)
      gate.close(gone)
      expect(await gate.enter(gone, 'Ada')).toEqual([])
      expect(await presenceOf('rid-Ada')).toBeUndefined()
      const told = await gate.receivesPushes(bob, changed, 2)
      expect(told.map(({ online }) => online)).toEqual([true, false])
    })
  })

  describe('whoever watches a role', () => {
    it('is told when it comes and goes, until it watches no longer', async () => {
      const bob = await player('Bob')
      const offline = { rid: 'rid-Ada', online: false }
      expect(await gate.request(bob, watch, { rids: ['rid-Ada', 'rid-Bob', 'rid-Ada'] })).toEqual({
        roles: [offline, { rid: 'rid-Bob', online: true }, offline],
      })
      const ada = await player('Ada')
      const lastSeenAtMs = world.clock.nowMs()
      await gate.leave(ada)
      const told = [
        { rid: 'rid-Ada', online: true },
        { ...offline, lastSeenAtMs },
      ]
      expect(await gate.receivesPushes(bob, changed, 2)).toEqual(told)
      await gate.request(bob, unwatch, { rids: ['rid-Ada'] })
      await player('Ada', 2)
      await say(bob)
      await gate.receives(bob, 1)
      expect(gate.payloads(bob, changed)).toEqual(told)
    })

    it('is told nothing when a newer session takes the place of an older one, or the same enters again', async () => {
      const bob = await player('Bob')
      await gate.request(bob, watch, { rids: ['rid-Ada'] })
      const older = await player('Ada', 1)
      const newer = await player('Ada', 2)
      await gate.enter(newer, 'Ada')
      await gate.leave(older)
      await gate.leave(newer)
      const told = await gate.receivesPushes(bob, changed, 2)
      expect(told.map(({ online }) => online)).toEqual([true, false])
    })

    it('may watch so many and no more: one call too many changes nothing', async () => {
      const bob = await player('Bob')
      const rids = (from: number) => Array.from({ length: 60 }, (_, index) => `rid-${from + index}`)
      for (const from of [0, 60, 120, 180]) await gate.request(bob, watch, { rids: rids(from) })
      const before = gate.topicsOf(bob)
      // One of them is watched already, and stays so.
      const tooMany = [...rids(0).slice(0, 1), ...rids(240).slice(1)]
      await expect(gate.request(bob, watch, { rids: tooMany })).rejects.toMatchObject({
        code: 'WATCH_LIMIT_REACHED',
      })
      expect(gate.topicsOf(bob)).toEqual(before)
      await gate.request(bob, unwatch, { rids: rids(0) })
      await gate.request(bob, watch, { rids: rids(240) })
      expect(gate.topicsOf(bob)).toHaveLength(before.length)
    })

    it('must have joined', async () => {
      const stranger = gate.open('uid-Ada', 'rid-Ada', 1)
      await expect(gate.request(stranger, watch, { rids: ['rid-Bob'] })).rejects.toMatchObject({
        code: 'CHAT_NOT_JOINED',
      })
    })

    it('hears of members of its alliance without asking, on every gate', async () => {
      await found('a1', 'Ada', 'Bob')
      const { gate: other } = await world.startGate('us')
      const bob = await player('Bob', 1, other)
      const eve = await player('Eve', 1, other)
      const ada = await player('Ada')
      await gate.leave(ada)
      const told = await other.receivesPushes(bob, changed, 3)
      expect(told.map(({ rid, online }) => [rid, online])).toEqual([
        ['rid-Bob', true],
        ['rid-Ada', true],
        ['rid-Ada', false],
      ])
      expect(other.payloads(eve, changed)).toEqual([])
    })
  })

  it('anybody is told who is online, in the order asked for, and when others last were', async () => {
    const ada = await player('Ada')
    const bob = await player('Bob')
    world.clock.advance(500)
    await gate.leave(bob)
    const lastSeenAtMs = world.clock.nowMs()
    world.clock.advance(500)
    expect(await gate.request(ada, get, { rids: ['rid-Bob', 'nobody', 'rid-Ada'] })).toEqual({
      roles: [
        { rid: 'rid-Bob', online: false, lastSeenAtMs },
        { rid: 'nobody', online: false },
        { rid: 'rid-Ada', online: true },
      ],
    })
  })

  it('another name or level is what others see from then on, in the alliance as well, online or not', async () => {
    await found('a1', 'Ada', 'Bob')
    await world.storage.roles.create(
      { rid: 'rid-Bob', uid: 'uid-Bob', name: 'Bob', level: 1, epoch: 0, version: 0, schema: 1, data: {} },
      { maxPerAccount: 8 },
    )
    const ada = await player('Ada')
    const to = { type: 'chat', key: ada.uid } as const
    await gate.request(ada, routes.chat.alliance.mine, {})
    await gate.peer.call(update, { rid: 'rid-Ada', name: 'Grace', level: 7 }, { to })
    await gate.peer.call(update, { rid: 'rid-Bob', name: 'Rob', level: 3 }, { to })
    await gate.peer.call(update, { rid: 'nobody', name: 'Nobody', level: 3 }, { to })
    expect(await presenceOf('rid-Ada')).toMatchObject({ name: 'Grace', level: 7 })
    const { allianceViews } = world.storage.stores
    expect((await allianceViews.get('a1'))?.members.map(({ name, level }) => [name, level])).toEqual([
      ['Grace', 7],
      ['Rob', 3],
    ])
    await say(ada)
    expect((await gate.receives(ada, 1))[0]).toMatchObject({ from: { name: 'Grace' } })
  })

  describe('leaving', () => {
    it('ends what a session receives that goes on with another role', async () => {
      const session = await player('Ada')
      await gate.leave(session)
      expect(gate.topicsOf(session)).toEqual([])
      const other = gate.play(session, 'rid-Other')
      await gate.enter(other, 'Other')
      expect(gate.topicsOf(other)).toEqual(['chat-role-rid-Other', 'chat-system', 'chat-world-eu-1'])
    })

    it('that is repeated, or is not of the newest session, tells nobody', async () => {
      const bob = await player('Bob')
      await gate.request(bob, watch, { rids: ['rid-Ada'] })
      const ada = await player('Ada', 2)
      await gate.leave(gate.open('uid-Ada', 'rid-Ada', 1))
      await gate.leave(ada)
      await gate.leave(ada)
      await say(bob)
      await gate.receives(bob, 1)
      expect(gate.payloads(bob, changed).map(({ online }) => online)).toEqual([true, false])
    })
  })

  describe('a silence', () => {
    it('holds while a role is online, and when it comes back, until it ends', async () => {
      const untilMs = world.clock.nowMs() + 1_000
      const ada = await player('Ada')
      await tell({ rid: ada.rid, untilMs, reason: 'spam' })
      await expect(say(ada)).rejects.toMatchObject({ code: 'SILENCED' })
      await gate.leave(ada)
      const again = await player('Ada', 2)
      expect(await presenceOf('rid-Ada')).toMatchObject({ silencedUntilMs: untilMs })
      await expect(say(again)).rejects.toMatchObject({ code: 'SILENCED' })
      world.clock.advance(1_000)
      await expect(say(again)).resolves.toMatchObject({ seq: 1 })
      await gate.leave(again)
      await player('Ada', 3)
      expect(await presenceOf('rid-Ada')).toMatchObject({ silencedUntilMs: 0 })
    })

    it('can be ended before its time, for a role that is away as well', async () => {
      const untilMs = world.clock.nowMs() + 1_000
      await tell({ rid: 'rid-Ada', untilMs })
      await tell({ rid: 'rid-Bob', untilMs })
      const ada = await player('Ada')
      await tell({ rid: 'rid-Ada', untilMs: 0 })
      await tell({ rid: 'rid-Bob', untilMs: 0 })
      await expect(say(ada)).resolves.toMatchObject({ seq: 1 })
      await expect(say(await player('Bob'))).resolves.toMatchObject({ seq: 2 })
    })
  })

  it('of a gate that has died without a word ends after a while, also when the chat server dies that knew it', async () => {
    const { gate: other, die } = await world.startGate('us')
    const second = await world.startChat()
    const bob = await player('Bob')
    const ada = await player('Ada', 1, other)
    await gate.request(bob, watch, { rids: [ada.rid] })
    await die()
    await second.stop()
    // Looks come by the clock, and one that is under way cannot be awaited from out here.
    await eventually(() => {
      world.clock.advance(15_000)
      return gate.payloads(bob, changed).length > 0
    })
    expect(gate.payloads(bob, changed)).toMatchObject([{ rid: ada.rid, online: false }])
    expect(await presenceOf(ada.rid)).toBeUndefined()
    expect(await presenceOf(bob.rid)).toBeDefined()
  })

  it('of a role whose chat server died while it entered becomes whole', async () => {
    const bob = await player('Bob')
    const ada = gate.open('uid-Ada', 'rid-Ada', 1)
    const { gateId, sessionId, uid, rid } = ada
    const arrival = { rid, uid, name: 'Ada', level: 1, gateId, sessionId, sessionEpoch: 1 }
    await world.storage.stores.presence.enter(arrival, { zone: 'eu', rolesMax: 2 })
    await eventually(() => {
      world.clock.advance(15_000)
      return gate.topicsOf(ada).length > 0
    })
    await say(bob)
    expect(await gate.receives(ada, 1)).toMatchObject([{ text: 'hello' }])
  })

  it('a role that entered while chat was away joins by itself, and those who watch it are told', async () => {
    await world.storage.roles.create(
      { rid: 'rid-Ada', uid: 'uid-Ada', name: 'Ada', level: 4, epoch: 0, version: 0, schema: 1, data: {} },
      { maxPerAccount: 8 },
    )
    await found('a1', 'Ada')
    const bob = await player('Bob')
    await gate.request(bob, watch, { rids: ['rid-Ada'] })
    const ada = gate.open('uid-Ada', 'rid-Ada', 1)
    await gate.request(ada, join, { channel: 'world' })
    expect(await presenceOf('rid-Ada')).toMatchObject({ name: 'Ada', level: 4, allianceId: 'a1' })
    expect(gate.topicsOf(ada)).toContain('chat-alliance-a1')
    expect(await gate.receivesPushes(bob, changed, 1)).toEqual([{ rid: 'rid-Ada', online: true }])
  })
}
