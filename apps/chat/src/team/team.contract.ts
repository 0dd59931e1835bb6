import { routes } from '@hydra/protocol'
import type { RoleSession } from '@hydra/rpc'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ChannelWorld, texts } from '../test-support/channel-world.ts'
import type { ChatWorld } from '../test-support/chat-world.ts'
import type { TestBackends } from '../test-support/test-backends.ts'
import type { TestGate } from '../test-support/test-gate.ts'

const { team } = routes.chat

/** The channel of a team, over calls, topics and stores, whatever they are. `open` is called for each test. */
export function teamContract(open: () => Promise<TestBackends>): void {
  let channels: ChannelWorld
  let world: ChatWorld
  let gate: TestGate
  beforeEach(async () => {
    channels = await ChannelWorld.open(await open())
    ;({ world, gate } = channels)
  })
  afterEach(() => channels.close())

  describe('the channel of a team', () => {
    const change = (version: number, members: readonly RoleSession[]) =>
      channels.call(team.update, { teamId: 't1', version, rids: members.map(({ rid }) => rid) })

    it('follows the team on every gate: who comes hears it, who goes does not', async () => {
      const { gate: otherGate } = await world.startGate()
      const [ada, bob, eve] = [
        await channels.player('Ada'),
        await channels.player('Bob', 1, otherGate),
        await channels.player('Eve'),
      ]
      await expect(channels.say(ada, 'team', 'anybody?')).rejects.toMatchObject({ code: 'CHAT_NOT_JOINED' })
      await change(1, [ada, bob])
      await channels.say(ada, 'team', 'one')
      await change(2, [ada, eve])
      await channels.say(eve, 'team', 'two')
      expect(texts(await gate.receives(ada, 2))).toEqual(['one', 'two'])
      expect(texts(await gate.receives(eve, 1))).toEqual(['two'])
      expect(texts(await otherGate.receives(bob, 1))).toEqual(['one'])
      await expect(channels.say(bob, 'team', 'still?', otherGate)).rejects.toMatchObject({
        code: 'CHAT_NOT_JOINED',
      })
      expect(await channels.stateOf(eve, 'team-t1')).toMatchObject({ lastSeq: 2, readSeq: 2, unread: 0 })
    })

    it('is not changed by what comes late, and ends with the team', async () => {
      const ada = await channels.player('Ada')
      await change(2, [ada])
      await change(1, [])
      await channels.say(ada, 'team', 'here')
      await change(3, [])
      await expect(channels.say(ada, 'team', 'here?')).rejects.toMatchObject({ code: 'CHAT_NOT_JOINED' })
      expect(await world.storage.stores.chatLog.ends(['team-t1'])).toMatchObject([{ lastSeq: 0 }])
    })

    it('is left in the end by whoever was put out when the first try died halfway', async () => {
      const [ada, bob, eve] = [
        await channels.player('Ada'),
        await channels.player('Bob'),
        await channels.player('Eve'),
      ]
      await change(1, [ada, bob, eve])
      const { chatTeams, presence } = world.storage.stores
      // Two tries that died: one before it told anybody, one when it had told presence but not the gate.
      await chatTeams.replace('t1', 2, [ada.rid, eve.rid])
      await chatTeams.replace('t1', 3, [ada.rid])
      await presence.update(eve.rid, { teamId: null })
      await change(3, [ada])
      await expect(channels.say(bob, 'team', 'still?')).rejects.toMatchObject({ code: 'CHAT_NOT_JOINED' })
      for (const who of [bob, eve]) expect(gate.topicsOf(who)).not.toContain('chat-team-t1')
      expect(gate.topicsOf(ada)).toContain('chat-team-t1')
    })

    it('follows the team also when a member has no room for it', async () => {
      const [ada, bob] = [await channels.player('Ada'), await channels.player('Bob')]
      const watched = (from: number) => Array.from({ length: 42 }, (_, index) => `rid-${from + index}`)
      const { watch } = routes.chat.presence
      for (const from of [0, 42, 84, 126, 168, 210]) {
        await gate.request(bob, watch, { rids: watched(from) }).catch(() => {})
      }
      for (let one = 1_000; gate.topicsOf(bob).length < 256; one++) {
        await gate.request(bob, watch, { rids: [`rid-${one}`] })
      }
      await change(1, [ada, bob])
      await channels.say(ada, 'team', 'here')
      expect(texts(await gate.receives(ada, 1))).toEqual(['here'])
    })

    it('is there again for a member that was away', async () => {
      const ada = await channels.player('Ada')
      await change(1, [ada])
      await gate.leave(ada)
      const again = await channels.player('Ada', 2)
      await channels.say(again, 'team', 'back')
      expect(texts(await gate.receives(again, 1))).toEqual(['back'])
    })
  })
}
