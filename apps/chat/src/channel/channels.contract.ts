import { HydraError, routes } from '@hydra/protocol'
import type { RoleSession } from '@hydra/rpc'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ChannelWorld, texts } from '../test-support/channel-world.ts'
import type { ChatWorld } from '../test-support/chat-world.ts'
import type { TestBackends } from '../test-support/test-backends.ts'
import type { TestGate } from '../test-support/test-gate.ts'

const { send, history, read } = routes.chat.channel
const { mute } = routes.chat

/** What channels do besides the world, over calls, topics and stores, whatever they are. `open` is called for each test. */
export function channelsContract(open: () => Promise<TestBackends>): void {
  let channels: ChannelWorld
  let world: ChatWorld
  let gate: TestGate
  beforeEach(async () => {
    channels = await ChannelWorld.open(await open())
    ;({ world, gate } = channels)
  })
  afterEach(() => channels.close())

  describe('a private message', () => {
    it('reaches both on whichever gates, each under the name of the other, and nobody else', async () => {
      const { gate: otherGate } = await world.startGate()
      const [ada, bob, eve] = [
        await channels.player('Ada'),
        await channels.player('Bob', 1, otherGate),
        await channels.player('Eve'),
      ]
      await channels.say(ada, `private-${bob.rid}`, 'psst')
      await channels.say(bob, `private-${ada.rid}`, 'yes?', otherGate)
      expect(await gate.receives(ada, 2)).toMatchObject([
        { channel: 'private-rid-Bob', seq: 1, text: 'psst', from: { name: 'Ada' } },
        { channel: 'private-rid-Bob', seq: 2, text: 'yes?', from: { name: 'Bob' } },
      ])
      expect(texts(await otherGate.receives(bob, 2))).toEqual(['psst', 'yes?'])
      expect(gate.received.get(eve.sessionId)).toEqual([])
    })

    it('is there for a role that was offline, with the number of unread ones', async () => {
      await channels.store('Bob')
      const ada = await channels.player('Ada')
      for (const text of ['one', 'two', 'three']) await channels.say(ada, 'private-rid-Bob', text)
      const bob = await channels.player('Bob')
      const channel = 'private-rid-Ada'
      expect(await channels.stateOf(bob, channel)).toEqual({
        channel,
        kind: 'private',
        lastSeq: 3,
        readSeq: 0,
        unread: 3,
      })
      const page = await gate.request(bob, history, { channel })
      expect(page.messages.map((message) => [message.channel, message.text])).toEqual([
        [channel, 'one'],
        [channel, 'two'],
        [channel, 'three'],
      ])
      expect(await gate.request(bob, read, { channel, seq: 2 })).toEqual({ readSeq: 2, unread: 1 })
      expect(await gate.request(bob, read, { channel, seq: 1 })).toEqual({ readSeq: 2, unread: 1 })
      expect(await gate.request(bob, read, { channel, seq: 99 })).toEqual({ readSeq: 3, unread: 0 })
      // What one says oneself is read.
      expect(await channels.stateOf(ada, 'private-rid-Bob')).toMatchObject({
        lastSeq: 3,
        readSeq: 3,
        unread: 0,
      })
    })

    it('counts by itself as unread when the log was lost before it', async () => {
      await channels.store('Bob')
      const ada = await channels.player('Ada')
      for (const text of ['one', 'two']) await channels.say(ada, 'private-rid-Bob', text)
      const { chatLog, chatMarkers } = world.storage.stores
      await chatLog.forget('private-rid-Ada.rid-Bob')
      await chatMarkers.remove('rid-Bob', ['private-rid-Ada.rid-Bob'])
      const { seq } = await channels.say(ada, 'private-rid-Bob', 'three')
      expect(seq).toBeGreaterThan(10_000)
      const bob = await channels.player('Bob')
      const channel = 'private-rid-Ada'
      expect(await channels.stateOf(bob, channel)).toMatchObject({ lastSeq: seq, readSeq: 0, unread: 1 })
      expect(await gate.request(bob, read, { channel, seq })).toEqual({ readSeq: seq, unread: 0 })
    })

    it('to nobody is refused', async () => {
      const ada = await channels.player('Ada')
      await expect(channels.say(ada, 'private-nobody', 'psst')).rejects.toMatchObject({
        code: 'CHANNEL_UNKNOWN',
      })
      await expect(channels.say(ada, `private-${ada.rid}`, 'psst')).rejects.toMatchObject({
        code: 'CHANNEL_UNKNOWN',
      })
    })

    it('is refused from a role that the other one has muted', async () => {
      await channels.store('Ada')
      const [ada, bob] = [await channels.player('Ada'), await channels.player('Bob')]
      expect(await gate.request(bob, mute.add, { rid: ada.rid })).toEqual({ rids: [ada.rid] })
      await expect(channels.say(ada, `private-${bob.rid}`, 'psst')).rejects.toMatchObject({ code: 'MUTED' })
      await channels.say(ada, 'world', 'hello')
      expect(await gate.request(bob, mute.list, {})).toEqual({ rids: [ada.rid] })
      expect(await gate.request(bob, mute.remove, { rid: ada.rid })).toEqual({ rids: [] })
      await expect(channels.say(ada, `private-${bob.rid}`, 'psst')).resolves.toMatchObject({ seq: 1 })
      await expect(gate.request(bob, mute.add, { rid: 'nobody' })).rejects.toMatchObject({
        code: 'ROLE_NOT_FOUND',
      })
    })
  })

  describe('sending again', () => {
    it('with the same messageId is one message, on whichever server', async () => {
      const other = await world.startChat()
      const ada = await channels.player('Ada')
      const body = { channel: 'world', text: 'once', messageId: 'm1' }
      const first = await gate.request(ada, send, body)
      expect(await gate.request(ada, send, body)).toMatchObject({ seq: first.seq })
      expect(await gate.request(ada, send, body, other.id)).toMatchObject({ seq: first.seq })
      expect(await gate.request(ada, send, { ...body, messageId: 'm2' })).toMatchObject({
        seq: first.seq + 1,
      })
      // Received once as well: gates know what they have delivered.
      expect((await gate.receives(ada, 2)).map(({ seq }) => seq)).toEqual([first.seq, first.seq + 1])
    })

    it('of another role with the same messageId is another message', async () => {
      const [ada, bob] = [await channels.player('Ada'), await channels.player('Bob')]
      await gate.request(ada, send, { channel: 'world', text: 'mine', messageId: 'm1' })
      await expect(
        gate.request(bob, send, { channel: 'world', text: 'mine', messageId: 'm1' }),
      ).resolves.toMatchObject({ seq: 2 })
    })
  })

  describe('the history', () => {
    it('is read forwards as well, and says where it ends', async () => {
      const ada = await channels.player('Ada')
      for (let index = 1; index <= 7; index++) await channels.say(ada, 'world', `${index}`)
      const page = await gate.request(ada, history, { channel: 'world', afterSeq: 2, limit: 3 })
      expect(page.messages.map(({ seq }) => seq)).toEqual([3, 4, 5])
      expect(page).toMatchObject({ hasMore: true, lastSeq: 7 })
      expect(await gate.request(ada, history, { channel: 'world', afterSeq: 5, limit: 3 })).toMatchObject({
        messages: [{ seq: 6 }, { seq: 7 }],
        hasMore: false,
      })
      await expect(
        gate.request(ada, history, { channel: 'world', afterSeq: 5, beforeSeq: 6 }),
      ).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    })
  })

  it('a role that speaks too fast is told when it may again, in each kind of channel by itself', async () => {
    const slow = await world.startChat({ rates: { worldBurst: 2, worldPerMinute: 60 } })
    const [ada, bob] = [await channels.player('Ada'), await channels.player('Bob')]
    const shout = (who: RoleSession) => gate.request(who, send, { channel: 'world', text: 'hi' }, slow.id)
    await shout(ada)
    await shout(ada)
    await expect(shout(ada)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      metadata: { retryAfterMs: 1_000 },
    })
    await expect(shout(bob)).resolves.toBeDefined()
    await expect(
      gate.request(ada, send, { channel: `private-${bob.rid}`, text: 'hi' }, slow.id),
    ).resolves.toBeDefined()
    world.clock.advance(1_000)
    await expect(shout(ada)).resolves.toBeDefined()
  })

  it('a crowd is spread over shards of the world, zone by zone', async () => {
    const small = await world.startChat({ channel: { worldRolesMax: 2 } })
    const { gate: far } = await world.startGate('far')
    const shardOf = async (on: TestGate, name: string) => {
      const session = on.open(`uid-${name}`, `rid-${name}`, 1)
      const { rid, uid, gateId, sessionId, epoch: sessionEpoch } = session
      const arrival = { rid, uid, name, level: 1, gateId, sessionId, sessionEpoch }
      const { channels } = await on.peer.call(routes.chat.presence.enter, arrival, {
        to: { server: small.id },
      })
      return channels[0]
    }
    expect([await shardOf(gate, 'A1'), await shardOf(gate, 'A2'), await shardOf(gate, 'A3')]).toEqual([
      'world-test-1',
      'world-test-1',
      'world-test-2',
    ])
    expect(await shardOf(far, 'B1')).toBe('world-far-1')
  })

  it('any chat server may stop while others are asked: nothing acknowledged is lost, all of it is in order', async () => {
    const servers = [await world.startChat(), await world.startChat(), await world.startChat()]
    const ada = await channels.player('Ada')
    const acknowledged: number[] = []
    /** A request on its way to a server that stops may be told so; the messageId makes the next one the same. */
    const sayUntilTaken = async (text: string): Promise<number> => {
      for (;;) {
        try {
          return (await gate.request(ada, send, { channel: 'world', text, messageId: text })).seq
        } catch (error) {
          if (!(error instanceof HydraError && error.retryable)) throw error
        }
      }
    }
    const speak = async (from: number, count: number) => {
      for (let index = from; index < from + count; index++) acknowledged.push(await sayUntilTaken(`${index}`))
    }
    for (const [index, { stop }] of servers.entries()) {
      await Promise.all([speak(index * 100, 30), stop()])
    }
    expect(acknowledged).toEqual(acknowledged.toSorted((a, b) => a - b))
    const received = await gate.receives(ada, 90)
    expect(received.map(({ seq }) => seq)).toEqual(acknowledged)
  })
}
