import type { RoleSnapshot } from '@hydra/persistence'
import { routes, type ChatMessage } from '@hydra/protocol'
import type { RoleSession } from '@hydra/rpc'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ChatWorld } from './test-support/chat-world.ts'
import type { TestBackends } from './test-support/test-backends.ts'
import type { TestGate } from './test-support/test-gate.ts'

const { send, history, join } = routes.chat.channel
const { update } = routes.chat.presence
const channel = 'world'
/** What that is for everybody on the gates of these tests. */
const shard = 'world-test-1'

/** What the chat service does, over calls, topics and stores, whatever they are. `open` is called for each test. */
export function chatAppContract(open: () => Promise<TestBackends>): void {
  let world: ChatWorld
  let gate: TestGate
  let gateDies: () => Promise<void>

  beforeEach(async () => {
    world = new ChatWorld(await open())
    await world.startChat()
    const started = await world.startGate()
    gate = started.gate
    gateDies = () => started.die()
  })
  afterEach(() => world.close())

  const presenceOf = ({ rid }: RoleSession) => world.storage.stores.presence.get(rid)
  const say = (session: RoleSession, text: string, on = gate) => on.request(session, send, { channel, text })
  /** A session that has entered its role. */
  const player = async (name: string, epoch = 1, on = gate): Promise<RoleSession> => {
    const session = on.open(`uid-${name}`, `rid-${name}`, epoch)
    expect(await on.enter(session, name)).toEqual([shard, 'system'])
    return session
  }
  const seqs = (messages: readonly ChatMessage[]) => messages.map(({ seq }) => seq)
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

  describe('a message', () => {
    it('reaches everybody in the channel, on every gate, the sender included, and the history', async () => {
      const { gate: otherGate } = await world.startGate()
      const [ada, bob, eve] = [await player('Ada'), await player('Bob'), await player('Eve', 1, otherGate)]
      const answer = await say(ada, 'hello')
      expect(answer).toEqual({ seq: 1, sentAtMs: world.clock.nowMs() })
      const message = { channel: shard, ...answer, from: { rid: ada.rid, name: 'Ada' }, text: 'hello' }
      expect(await gate.receives(ada, 1)).toEqual([message])
      expect(await gate.receives(bob, 1)).toEqual([message])
      expect(await otherGate.receives(eve, 1)).toEqual([message])
      expect(await gate.request(bob, history, { channel }, undefined)).toEqual({
        messages: [message],
        hasMore: false,
        lastSeq: 1,
      })
    })

    it('is refused from a session that has not joined, and in a channel that does not exist', async () => {
      const stranger = gate.open('u1', 'r1', 1)
      await expect(say(stranger, 'hello')).rejects.toMatchObject({ code: 'CHAT_NOT_JOINED' })
      await expect(gate.request(stranger, history, { channel })).rejects.toMatchObject({
        code: 'CHAT_NOT_JOINED',
      })
      const ada = await player('Ada')
      for (const [name, code] of [
        ['zone-1', 'CHANNEL_UNKNOWN'],
        ['private-' + ada.rid, 'CHANNEL_UNKNOWN'],
        ['alliance-1', 'CHAT_NOT_JOINED'],
        ['world-test-2', 'CHAT_NOT_JOINED'],
      ] as const) {
        for (const [route, body] of [
          [send, { channel: name, text: 'hello' }],
          [history, { channel: name }],
          [join, { channel: name }],
        ] as const) {
          await expect(gate.request(ada, route, body as never)).rejects.toMatchObject({ code })
        }
      }
      expect(await world.storage.stores.chatLog.ends([shard])).toMatchObject([{ lastSeq: 0 }])
    })

    it('is refused from a session that a newer one of the same role has replaced', async () => {
      const older = await player('Ada', 1)
      const newer = await player('Ada', 2)
      await expect(say(older, 'hello')).rejects.toMatchObject({ code: 'CHAT_NOT_JOINED' })
      await expect(say(newer, 'hello')).resolves.toMatchObject({ seq: 1 })
    })

    it('carries the name that the role has by then', async () => {
      const ada = await player('Ada')
      await say(ada, 'one')
      await gate.peer.call(
        update,
        { rid: ada.rid, name: 'Grace', level: 2 },
        { to: { type: 'chat', key: ada.uid } },
      )
      await say(ada, 'two')
      expect((await gate.receives(ada, 2)).map(({ from }) => from.name)).toEqual(['Ada', 'Grace'])
    })

    it('of many at once arrives in the order of the numbers, without gaps or duplicates', async () => {
      const sessions = await Promise.all(upTo(20).map((index) => player(`Player${index}`)))
      const answers = await Promise.all(
        upTo(10).flatMap((round) => sessions.map((session) => say(session, `round ${round}`))),
      )
      expect(answers.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(upTo(200))
      for (const session of sessions) expect(seqs(await gate.receives(session, 200))).toEqual(upTo(200))
    })

    it('is numbered and received without gaps or duplicates and in order, whichever servers take it', async () => {
      const servers = [await world.startChat(), await world.startChat()]
      const ada = await player('Ada')
      const sent = await Promise.all(
        servers.flatMap(({ id }) =>
          upTo(100).map((index) => gate.request(ada, send, { channel, text: `${id} ${index}` }, id)),
        ),
      )
      expect(sent.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(upTo(200))
      expect(seqs(await gate.receives(ada, 200))).toEqual(upTo(200))
    })
  })

  it('pages through the history, oldest first, to its beginning', async () => {
    const ada = await player('Ada')
    for (const index of upTo(45)) await say(ada, `message ${index}`)
    const pages: { readonly seqs: readonly number[]; readonly hasMore: boolean }[] = []
    let beforeSeq: number | undefined
    for (let more = true; more; more = pages.at(-1)?.hasMore ?? false) {
      const { messages, hasMore } = await gate.request(ada, history, {
        channel,
        ...(beforeSeq === undefined ? {} : { beforeSeq }),
      })
      pages.push({ seqs: seqs(messages), hasMore })
      beforeSeq = messages[0]?.seq
    }
    expect(pages.map(({ hasMore }) => hasMore)).toEqual([true, true, false])
    expect(pages.map((page) => page.seqs.length)).toEqual([20, 20, 5])
    expect(pages.toReversed().flatMap((page) => page.seqs)).toEqual(upTo(45))
    const exact = await gate.request(ada, history, { channel, beforeSeq: 21, limit: 20 })
    expect(exact).toMatchObject({ hasMore: false })
    expect(seqs(exact.messages)).toEqual(upTo(20))
  })

  describe('entering', () => {
    it('of an older session changes nothing', async () => {
      const newer = await player('Ada', 2)
      const older = gate.open(newer.uid, newer.rid, 1)
      expect(await gate.enter(older, 'Ada')).toEqual([])
      expect(await presenceOf(newer)).toMatchObject({ sessionId: newer.sessionId })
    })

    it('of a session that is gone by then leaves nobody present', async () => {
      const ada = gate.open('u1', 'r1', 1)
      gate.close(ada)
      expect(await gate.enter(ada, 'Ada')).toEqual([])
      expect(await presenceOf(ada)).toBeUndefined()
    })

    it('of a session whose gate is gone by then leaves nobody present', async () => {
      const { gate: other } = await world.startGate()
      const ada = gate.open('u1', 'r1', 1)
      await gateDies()
      expect(await other.enter(ada, 'Ada')).toEqual([])
      expect(await presenceOf(ada)).toBeUndefined()
    })
  })

  describe('leaving', () => {
    it('ends presence and delivery, and may be repeated', async () => {
      const [ada, bob] = [await player('Ada'), await player('Bob')]
      await gate.leave(ada)
      await gate.leave(ada)
      expect(await presenceOf(ada)).toBeUndefined()
      await expect(say(ada, 'hello')).rejects.toMatchObject({ code: 'CHAT_NOT_JOINED' })
      await say(bob, 'hello')
      await gate.receives(bob, 1)
      expect(gate.received.get(ada.sessionId)).toEqual([])
    })

    it('of an older session, however late, does not touch a newer one', async () => {
      const older = await player('Ada', 1)
      const newer = await player('Ada', 2)
      await gate.leave(older)
      await say(newer, 'hello')
      expect(await gate.receives(newer, 1)).toHaveLength(1)
    })

    it('works when the gate of the session is gone', async () => {
      const { gate: other } = await world.startGate()
      const ada = await player('Ada')
      await gateDies()
      await other.leave(ada)
      expect(await presenceOf(ada)).toBeUndefined()
    })
  })

  describe('joining again', () => {
    const role = (change: Partial<RoleSnapshot> = {}): RoleSnapshot => ({
      rid: 'r1',
      uid: 'u1',
      name: 'Stored',
      level: 1,
      epoch: 0,
      version: 0,
      schema: 1,
      data: {},
      ...change,
    })

    it('brings back a role that entered while chat was away, under its stored name', async () => {
      await world.storage.roles.create(role(), { maxPerAccount: 8 })
      const bob = await player('Bob')
      await say(bob, 'before')
      const ada = gate.open('u1', 'r1', 5)
      await expect(gate.request(ada, join, { channel })).resolves.toEqual({
        channel: shard,
        lastSeq: 1,
      })
      await say(ada, 'here')
      expect((await gate.receives(ada, 1))[0]).toMatchObject({ seq: 2, from: { name: 'Stored' } })
    })

    it('takes the name that the database does not have yet', async () => {
      await world.storage.roles.create(role(), { maxPerAccount: 8 })
      const { roleJournal } = world.storage.stores
      const { epoch } = { epoch: 0, ...(await roleJournal.acquire('r1', 'game-1')) }
      await roleJournal.append([role({ name: 'Newer', epoch: epoch ?? 0, version: 1 })])
      const ada = gate.open('u1', 'r1', 5)
      await gate.request(ada, join, { channel })
      await say(ada, 'here')
      expect((await gate.receives(ada, 1))[0]).toMatchObject({ from: { name: 'Newer' } })
    })

    it('is refused to a session that is over, or whose role is not its own', async () => {
      await world.storage.roles.create(role(), { maxPerAccount: 8 })
      const thief = gate.open('u2', 'r1', 9)
      await expect(gate.request(thief, join, { channel })).rejects.toMatchObject({ code: 'ROLE_NOT_FOUND' })

      const newer = gate.open('u1', 'r1', 7)
      await gate.request(newer, join, { channel })
      const older = gate.open('u1', 'r1', 6)
      await expect(gate.request(older, join, { channel })).rejects.toMatchObject({ code: 'SESSION_ENDED' })

      const gone = gate.open('u1', 'r1', 8)
      gate.close(gone)
      await expect(gate.request(gone, join, { channel })).rejects.toMatchObject({ code: 'SESSION_ENDED' })
      expect(await presenceOf(gone)).toBeUndefined()
    })

    it('does nothing to a session that has joined', async () => {
      const ada = await player('Ada')
      await say(ada, 'hello')
      await expect(gate.request(ada, join, { channel })).resolves.toEqual({
        channel: shard,
        lastSeq: 1,
      })
      await say(ada, 'again')
      expect(await gate.receives(ada, 2)).toHaveLength(2)
    })
  })

  it('a chat server that stops leaves its work to another', async () => {
    const ada = await player('Ada')
    const other = await world.startChat()
    await say(ada, 'one')
    await other.stop()
    await say(ada, 'two')
    expect(seqs(await gate.receives(ada, 2))).toEqual([1, 2])
  })
}
