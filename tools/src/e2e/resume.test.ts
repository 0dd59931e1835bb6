import { connect, createAccountApi, type GameClient } from '@hydra/client'
import { pushes, routes } from '@hydra/protocol'
import { systemClock } from '@hydra/runtime'
import { eventually, uniqueName } from '@hydra/testing'
import { expect, it } from 'vitest'
import { watchRoles } from '../demo/watch-roles.ts'
import { useEmbeddedHydra } from './embedded.fixture.ts'

const password = 'correct horse battery'
const embedded = useEmbeddedHydra({ HYDRA_GAME_ROLE_GRACE_MS: '1500' })

async function arrive(
  name: string,
): Promise<{ client: GameClient; token: string; rid: string; name: string }> {
  const accounts = createAccountApi(embedded.hydra.httpUrl)
  const account = { username: `${name}${uniqueName('x').slice(-6)}`, password }
  await accounts.register(account)
  const { token } = await accounts.login(account)
  const [gate] = (await accounts.serverList('gate')).servers
  const client = await connect({ url: `ws://${gate?.host}:${gate?.port}` })
  await client.logIn(token)
  const { role } = await client.request(routes.game.role.create, { name: account.username.slice(0, 16) })
  await client.request(routes.game.role.enter, { rid: role.rid })
  return { client, token, rid: role.rid, name: role.name }
}

it('goes on after a lost connection, with gate, game and chat as they are; not after the grace', async () => {
  const [ada, bob] = [await arrive('ada'), await arrive('bob')]
  const heard: string[] = []
  bob.client.on(pushes.chat.channel.message, ({ text }) => void heard.push(text))
  const say = (text: string) => ada.client.request(routes.chat.channel.send, { channel: 'world', text })
  await say('one')
  await eventually(() => heard.length === 1)

  await bob.client.close()
  await say('two')
  await say('three')
  expect(await bob.client.reconnect(bob.token)).toEqual({ resumed: true })
  await say('four')
  await eventually(() => heard.length === 4)
  expect(heard).toEqual(['one', 'two', 'three', 'four'])
  expect((await bob.client.request(routes.game.role.get, {})).role.rid).toBe(bob.rid)
  await bob.client.request(routes.chat.channel.send, { channel: 'world', text: 'five' })

  const watch = await watchRoles(embedded.hydra, systemClock, embedded.hydra.env)
  await bob.client.close()
  await watch.roleSaved(bob.rid, bob.name)
  await watch.stop()
  expect(await bob.client.reconnect(bob.token)).toEqual({ resumed: false })
  await bob.client.request(routes.game.role.enter, { rid: bob.rid })
  await say('six')
  await eventually(() => heard.at(-1) === 'six')
  expect(heard).toEqual(['one', 'two', 'three', 'four', 'five', 'six'])
  await Promise.all([ada.client.close(), bob.client.close()])
})
