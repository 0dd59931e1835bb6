import { pushes, routes } from '@hydra/protocol'
import { eventually } from '@hydra/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  AllianceFixture,
  allianceTopics,
  ask,
  code,
  eventsOf,
  heard,
  say,
  type Player,
} from '../test-support/alliance-fixture.ts'
import type { TestBackends } from '../test-support/test-backends.ts'

const { alliance } = routes.chat
const { history } = routes.chat.channel
const { answered } = pushes.chat.alliance

/** What alliances do, over calls, topics and storage, whatever they are. `open` is called for each test. */
export function allianceContract(open: () => Promise<TestBackends>): void {
  let fixture: AllianceFixture
  beforeEach(async () => {
    fixture = await AllianceFixture.open(open)
  })
  afterEach(() => fixture.close())
  const ridOf = ({ session }: Player) => session.rid

  describe('joining', () => {
    it('opens the channel at once, on every gate, and all are told', async () => {
      const [ada, bob] = [await fixture.player('Ada'), await fixture.player('Bob', 1)]
      const allianceId = await fixture.found(ada)
      await say(ada, 'before')
      expect(await ask(bob, alliance.apply, { allianceId })).toEqual({ state: 'joined' })
      await say(bob, 'hello')
      await say(ada, 'welcome')
      await bob.gate.receives(bob.session, 2)
      await ada.gate.receives(ada.session, 3)
      expect([heard(ada), heard(bob)]).toEqual([
        ['before', 'hello', 'welcome'],
        ['hello', 'welcome'],
      ])
      expect([eventsOf(ada), eventsOf(bob)]).toEqual([['founded', 'joined'], ['joined']])
      const { messages } = await ask(bob, history, { channel: 'alliance' })
      expect(messages.map(({ text }) => text)).toEqual(['before', 'hello', 'welcome'])
    })

    it('waits for an officer where applicants are chosen', async () => {
      const [ada, bob, eve] = [
        await fixture.player('Ada'),
        await fixture.player('Bob', 1),
        await fixture.player('Eve', 1),
      ]
      const allianceId = await fixture.found(ada, { policy: 'apply' })
      for (const applicant of [bob, eve]) {
        expect(await ask(applicant, alliance.apply, { allianceId })).toEqual({ state: 'applied' })
        fixture.world.clock.advance(1)
      }
      await expect(ask(bob, alliance.applications, {})).rejects.toEqual(code('NOT_IN_ALLIANCE'))
      const { requests } = await ask(ada, alliance.applications, {})
      expect(requests.map(({ name }) => name)).toEqual(['Bob', 'Eve'])
      expect((await ask(bob, alliance.requests, {})).requests).toMatchObject([
        { kind: 'application', allianceName: 'Alphas' },
      ])
      await ask(ada, alliance.approve, { rid: ridOf(bob) })
      await ask(ada, alliance.reject, { rid: ridOf(eve) })
      expect(await bob.gate.receivesPushes(bob.session, answered, 1)).toMatchObject([
        { kind: 'approved', allianceName: 'Alphas', by: { name: 'Ada' } },
      ])
      expect(await eve.gate.receivesPushes(eve.session, answered, 1)).toMatchObject([{ kind: 'rejected' }])
      await expect(ask(bob, alliance.applications, {})).rejects.toEqual(code('ALLIANCE_RANK_TOO_LOW'))
      expect(await ask(eve, alliance.requests, {})).toEqual({ requests: [] })
    })

    it('is open to whoever was invited, online or not', async () => {
      const [ada, bob, eve] = [
        await fixture.player('Ada'),
        await fixture.player('Bob', 1),
        await fixture.player('Eve', 1),
      ]
      const allianceId = await fixture.found(ada, { policy: 'closed', minLevel: 50 })
      await eve.gate.leave(eve.session)
      for (const other of [bob, eve]) {
        expect(await ask(ada, alliance.invite, { rid: ridOf(other) })).toEqual({ state: 'invited' })
      }
      await expect(ask(ada, alliance.invite, { rid: 'nobody' })).rejects.toEqual(code('ROLE_NOT_FOUND'))
      await bob.gate.receivesPushes(bob.session, answered, 1)
      await ask(bob, alliance.accept, { allianceId })
      await say(bob, 'hello')
      await ask(eve, alliance.decline, { allianceId })
      await expect(ask(eve, alliance.decline, { allianceId })).rejects.toEqual(
        code('ALLIANCE_REQUEST_NOT_FOUND'),
      )
    })

    it('of one role to two alliances, on two servers at once, happens once', async () => {
      const [ada, bob, eve] = [
        await fixture.player('Ada'),
        await fixture.player('Bob', 1),
        await fixture.player('Eve'),
      ]
      const ids = [
        await fixture.found(ada, { policy: 'apply' }),
        await fixture.found(bob, { name: 'Betas', tag: 'BB', policy: 'apply' }),
      ]
      for (const allianceId of ids) await ask(eve, alliance.apply, { allianceId })
      const answers = await Promise.allSettled([
        ask(ada, alliance.approve, { rid: ridOf(eve) }, fixture.servers[0]),
        ask(bob, alliance.approve, { rid: ridOf(eve) }, fixture.servers[1]),
      ])
      expect(answers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
      expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: code('ALREADY_IN_ALLIANCE'),
      })
      const joined = ids[answers.findIndex(({ status }) => status === 'fulfilled')]
      expect(await ask(eve, alliance.mine, {})).toMatchObject({ alliance: { allianceId: joined } })
      expect(allianceTopics(eve)).toEqual([`chat-alliance-${joined}`])
    })
  })

  describe('going', () => {
    it('by a kick ends delivery at once, and is told to the one who was kicked', async () => {
      const [ada, bob] = [await fixture.player('Ada'), await fixture.player('Bob', 1)]
      const allianceId = await fixture.found(ada)
      await ask(bob, alliance.apply, { allianceId })
      await ask(ada, alliance.kick, { rid: ridOf(bob) })
      await say(ada, 'about Bob')
      await say(ada, 'to all', 'world')
      await expect(say(bob, 'still here?')).rejects.toEqual(code('CHAT_NOT_JOINED'))
      await bob.gate.receives(bob.session, 1)
      expect([heard(bob), eventsOf(bob)]).toEqual([['to all'], ['joined']])
      expect(bob.gate.payloads(bob.session, answered)).toMatchObject([
        { kind: 'kicked', by: { name: 'Ada' } },
      ])
      expect(eventsOf(ada)).toEqual(['founded', 'joined', 'kicked'])
    })

    it('is not for the leader, who hands over first', async () => {
      const [ada, bob] = [await fixture.player('Ada'), await fixture.player('Bob', 1)]
      const allianceId = await fixture.found(ada)
      await ask(bob, alliance.apply, { allianceId })
      await expect(ask(ada, alliance.leave, {})).rejects.toEqual(code('ALLIANCE_LEADER_STAYS'))
      await ask(ada, alliance.handOver, { rid: ridOf(bob) })
      await ask(ada, alliance.leave, {})
      expect(await ask(bob, alliance.get, { allianceId })).toMatchObject({
        alliance: { members: 1, leader: { name: 'Bob' } },
      })
    })

    it('of everybody ends the alliance, with what was said and its name', async () => {
      const [ada, bob] = [await fixture.player('Ada'), await fixture.player('Bob', 1)]
      const allianceId = await fixture.found(ada)
      await ask(bob, alliance.apply, { allianceId })
      await say(ada, 'secret')
      await expect(ask(bob, alliance.disband, {})).rejects.toEqual(code('ALLIANCE_RANK_TOO_LOW'))
      await ask(ada, alliance.disband, {})
      expect(await bob.gate.receivesPushes(bob.session, answered, 1)).toMatchObject([{ kind: 'disbanded' }])
      for (const one of [ada, bob]) {
        expect(await ask(one, alliance.mine, {})).toEqual({})
        expect(allianceTopics(one)).toEqual([])
      }
      await expect(ask(bob, alliance.members, { allianceId })).rejects.toEqual(code('ALLIANCE_NOT_FOUND'))
      await expect(ask(bob, alliance.leave, {})).rejects.toEqual(code('NOT_IN_ALLIANCE'))
      const key = `alliance-${allianceId}`
      expect(await fixture.world.storage.stores.chatLog.ends([key])).toMatchObject([{ lastSeq: 0 }])
      expect(await fixture.world.storage.chatArchive.page(key, { limit: 10 })).toEqual([])
      await fixture.found(bob)
    })
  })

  describe('members', () => {
    it('are listed by rank, and who of them is online', async () => {
      const [ada, bob, eve] = [
        await fixture.player('Ada'),
        await fixture.player('Bob', 1),
        await fixture.player('Eve', 1, 7),
      ]
      const allianceId = await fixture.found(ada)
      for (const other of [bob, eve]) {
        fixture.world.clock.advance(1)
        await ask(other, alliance.apply, { allianceId })
      }
      await ask(ada, alliance.promote, { rid: ridOf(eve) })
      await bob.gate.leave(bob.session)
      const { members } = await ask(ada, alliance.members, { allianceId })
      expect(members).toMatchObject([
        { name: 'Ada', rank: 'leader', online: true },
        { name: 'Eve', rank: 'officer', online: true, level: 7 },
        { name: 'Bob', rank: 'member', online: false, lastSeenAtMs: fixture.world.clock.nowMs() },
      ])
      await ask(ada, alliance.demote, { rid: ridOf(eve) })
      expect(await ask(eve, alliance.mine, {})).toMatchObject({ rank: 'member' })
      const full = await fixture.player('Fin')
      await expect(ask(full, alliance.apply, { allianceId })).rejects.toEqual(code('ALLIANCE_FULL'))
      await fixture.gates[0]?.peer.call(alliance.setLevel, { allianceId, level: 2 }, { to: { type: 'chat' } })
      expect(await ask(full, alliance.apply, { allianceId })).toEqual({ state: 'joined' })
    })

    it('read what the leader writes, and what has happened', async () => {
      const [ada, bob] = [await fixture.player('Ada'), await fixture.player('Bob', 1)]
      const allianceId = await fixture.found(ada)
      const change = {
        notice: 'Line one\nline two',
        description: 'We',
        policy: 'closed',
        minLevel: 3,
      } as const
      const updated = await ask(ada, alliance.update, change)
      expect(updated.alliance).toMatchObject(change)
      expect(await ask(ada, alliance.update, { notice: change.notice })).toEqual(updated)
      await expect(ask(bob, alliance.update, { notice: 'Mine' })).rejects.toEqual(code('NOT_IN_ALLIANCE'))
      expect(await ask(bob, alliance.get, { allianceId })).not.toHaveProperty('alliance.notice')
      const page = await ask(ada, alliance.log, { limit: 1 })
      expect(page).toMatchObject({ events: [{ seq: 2, kind: 'updated' }], hasMore: true })
      expect(await ask(ada, alliance.log, { limit: 1, beforeSeq: 2 })).toMatchObject({
        events: [{ seq: 1, kind: 'founded', actor: { name: 'Ada' } }],
        hasMore: false,
      })
      await expect(ask(bob, alliance.log, {})).rejects.toEqual(code('NOT_IN_ALLIANCE'))
    })

    it('find other alliances by the beginning of name or tag', async () => {
      const founders = [
        await fixture.player('Ada'),
        await fixture.player('Bob', 1),
        await fixture.player('Eve'),
      ]
      for (const [index, founder] of founders.entries()) {
        await fixture.found(founder, { name: `Order ${index}`, tag: `T${index}` })
      }
      const [ada] = founders as [Player]
      const first = await ask(ada, alliance.search, { text: 'ORD', limit: 2 })
      expect(first.alliances.map(({ name, leader }) => [name, leader.name])).toEqual([
        ['Order 0', 'Ada'],
        ['Order 1', 'Bob'],
      ])
      const rest = await ask(ada, alliance.search, { text: 'ORD', limit: 2, cursor: first.next ?? '' })
      expect(rest).toMatchObject({ alliances: [{ name: 'Order 2' }] })
      expect(rest).not.toHaveProperty('next')
      expect(await ask(ada, alliance.search, { text: 't1' })).toMatchObject({ alliances: [{ tag: 'T1' }] })
    })
  })

  it('finishes what a server that has died has left behind', async () => {
    const [ada, bob] = [await fixture.player('Ada'), await fixture.player('Bob', 1)]
    const allianceId = await fixture.found(ada)
    await ask(bob, alliance.apply, { allianceId })
    const { alliances, stores } = fixture.world.storage
    const mark = { token: 'of-the-dead', allianceId, rids: [ridOf(bob)] }
    await stores.allianceViews.begin(mark, fixture.world.clock.nowMs() + 15_000)
    await alliances.change(allianceId, [ridOf(bob)], () => ({ leave: [ridOf(bob)] }))
    expect(await ask(ada, alliance.get, { allianceId })).toMatchObject({ alliance: { members: 1 } })
    // Each look of the watch begins at a tick of its own.
    await eventually(() => {
      fixture.world.clock.advance(5_000)
      return allianceTopics(bob).length === 0
    })
    await expect(say(bob, 'still here?')).rejects.toEqual(code('CHAT_NOT_JOINED'))
  })
}
