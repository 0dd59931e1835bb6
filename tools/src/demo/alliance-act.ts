import type { GameClient } from '@hydra/client'
import { routes } from '@hydra/protocol'
import { expectEqual, nextMessage } from './expect.ts'
import type { Stage } from './story.ts'

const { alliance, channel } = routes.chat

/**
 * The second act of the story: Ada founds an alliance, which costs her gold; Bob joins it, and they talk where nobody
 * else hears them.
 *
 * @throws Error naming the step whose outcome was not the expected one; HydraError of a refused request.
 */
export async function playAlliance(
  { say, suffix }: Pick<Stage, 'say' | 'suffix'>,
  ada: GameClient,
  bob: { readonly client: GameClient; readonly rid: string },
): Promise<void> {
  const purse = (await ada.request(routes.game.wallet.get, {})).gold
  const founding = { name: `Lions ${suffix}`, tag: suffix.slice(-5), policy: 'open' } as const
  const { allianceId, name, tag } = (await ada.request(alliance.create, founding)).alliance
  const { gold } = await ada.request(routes.game.wallet.get, {})
  say('found an alliance', `"${name}" [${tag}]; Ada had ${purse} gold and has ${gold}`)

  const { state } = await bob.client.request(alliance.apply, { allianceId })
  expectEqual('the outcome of applying to an open alliance', state, 'joined')
  const { members } = await ada.request(alliance.members, { allianceId })
  expectEqual(
    'who is in the alliance, and online',
    members.map(({ rank, online }) => [rank, online]),
    [
      ['leader', true],
      ['member', true],
    ],
  )
  const orders = nextMessage(bob.client, ({ text }) => text === 'To the northern gate!')
  await ada.request(channel.send, { channel: 'alliance', text: 'To the northern gate!' })
  const { channel: heardIn, seq } = await orders
  say('talk in the alliance', `Bob heard it in "${heardIn}", as message ${seq}`)

  await ada.request(channel.send, { channel: `private-${bob.rid}`, text: 'Bring bread.' })
  const { channels } = await bob.client.request(channel.list, {})
  const unread = channels.find(({ kind }) => kind === 'private')?.unread
  expectEqual('what Bob has not read of their conversation', unread, 1)
  say('talk in private', `Bob has ${unread} unread message`)
}
