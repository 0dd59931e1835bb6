import { pushes, routes } from '@hydra/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ChannelWorld, texts } from '../test-support/channel-world.ts'
import type { ChatWorld } from '../test-support/chat-world.ts'
import type { TestBackends } from '../test-support/test-backends.ts'
import type { TestGate } from '../test-support/test-gate.ts'

const { send, history, delete: del } = routes.chat.channel
const { moderation, system } = routes.chat

/** What services and moderators say and forbid, over calls, topics and stores, whatever they are. `open` is called for each test. */
export function moderationContract(open: () => Promise<TestBackends>): void {
  let channels: ChannelWorld
  let world: ChatWorld
  let gate: TestGate
  beforeEach(async () => {
    channels = await ChannelWorld.open(await open())
    ;({ world, gate } = channels)
  })
  afterEach(() => channels.close())

  describe('moderation', () => {
    it('silences a role in every channel until a time, whoever serves it, and across a new session', async () => {
      const other = await world.startChat()
      const ada = await channels.player('Ada')
      const untilMs = world.clock.nowMs() + 60_000
      await channels.call(moderation.silence, { rid: ada.rid, untilMs, reason: 'rude' })
      for (const server of [undefined, other.id]) {
        await expect(
          gate.request(ada, send, { channel: 'world', text: 'but' }, server),
        ).rejects.toMatchObject({ code: 'SILENCED', metadata: { untilMs, reason: 'rude' } })
      }
      await gate.leave(ada)
      const again = await channels.player('Ada', 2)
      await expect(channels.say(again, 'world', 'but')).rejects.toMatchObject({ code: 'SILENCED' })
      await channels.call(moderation.silence, { rid: ada.rid, untilMs: 0 })
      await expect(channels.say(again, 'world', 'thanks')).resolves.toMatchObject({ seq: 1 })
      await channels.call(moderation.silence, { rid: ada.rid, untilMs })
      world.clock.advance(60_000)
      await expect(channels.say(again, 'world', 'over')).resolves.toMatchObject({ seq: 2 })
    })

    it('deletes messages for good, for those who may, and tells clients', async () => {
      const [ada, bob] = [await channels.player('Ada'), await channels.player('Bob')]
      const { seq } = await channels.say(ada, 'world', 'rude')
      await expect(gate.request(bob, del, { channel: 'world', seq })).rejects.toMatchObject({
        code: 'NOT_MODERATOR',
      })
      const moderator = { ...bob, data: { moderator: true } }
      await gate.request(moderator, del, { channel: 'world', seq })
      expect(await gate.receivesPushes(ada, pushes.chat.channel.deleted, 1)).toEqual([
        { channel: 'world-test-1', seq },
      ])
      expect((await gate.request(ada, history, { channel: 'world' })).messages).toMatchObject([
        { seq, text: '', deleted: true, from: { name: 'Ada' } },
      ])
      await expect(gate.request(moderator, del, { channel: 'world', seq: 99 })).rejects.toMatchObject({
        code: 'MESSAGE_UNKNOWN',
      })
      await channels.say(ada, `private-${bob.rid}`, 'between us')
      await expect(
        gate.request(moderator, del, { channel: `private-${ada.rid}`, seq: 1 }),
      ).rejects.toMatchObject({ code: 'NOT_MODERATOR' })
    })

    it('deletes in the name of a service', async () => {
      const ada = await channels.player('Ada')
      const { seq } = await channels.say(ada, 'world', 'rude')
      const body = { channel: 'world-test-1', seq }
      expect(await channels.call(moderation.deleteMessage, body)).toEqual({ found: true })
      expect(await channels.call(moderation.deleteMessage, { ...body, seq: 99 })).toEqual({ found: false })
      await expect(
        channels.call(moderation.deleteMessage, { channel: `private-${ada.rid}`, seq }),
      ).rejects.toMatchObject({ code: 'CHANNEL_UNKNOWN' })
    })
  })

  describe('the system', () => {
    it('speaks to everybody, and nobody else does in its channel', async () => {
      const [ada, bob] = [await channels.player('Ada'), await channels.player('Bob')]
      const text = 'The server restarts at noon.'
      await channels.call(system.announce, { text, data: { restartAtMs: 1, important: true } })
      for (const who of [ada, bob]) {
        expect(await gate.receives(who, 1)).toMatchObject([
          {
            channel: 'system',
            seq: 1,
            from: { rid: 'system', name: 'System' },
            text,
            data: { restartAtMs: 1, important: true },
          },
        ])
      }
      await expect(channels.say(ada, 'system', 'me too')).rejects.toMatchObject({ code: 'CHANNEL_READ_ONLY' })
    })

    it('says something once that is announced twice, and speaks in the channels of others', async () => {
      const ada = await channels.player('Ada')
      const announce = { channel: 'world-test-1', text: 'Welcome.', messageId: 'w1' }
      expect(await channels.call(system.announce, announce)).toEqual({ seq: 1 })
      expect(await channels.call(system.announce, announce)).toEqual({ seq: 1 })
      await channels.say(ada, 'world', 'thanks')
      expect(texts(await gate.receives(ada, 2))).toEqual(['Welcome.', 'thanks'])
      await expect(
        channels.call(system.announce, { channel: `private-${ada.rid}`, text: 'no' }),
      ).rejects.toMatchObject({ code: 'CHANNEL_UNKNOWN' })
    })
  })
}
