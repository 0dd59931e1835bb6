import { connect, createAccountApi, gateUrl, type GameClient } from '@hydra/client'
import { routes, type RoleView, type Serializer } from '@hydra/protocol'
import { playAlliance } from './alliance-act.ts'
import { expectEqual, nextMessage } from './expect.ts'
import { roleGone } from './role-gone.ts'
import { expectSamePlace, playWorld } from './world-act.ts'

/** What the story needs from the place where it is played. */
export interface Stage {
  readonly httpUrl: string
  /** Makes the names of this performance unlike those of every other one; letters and digits. */
  readonly suffix: string
  /** Called as each step succeeds. */
  readonly say: (step: string, detail: string) => void
  /**
   * Resolves when the database holds the role as its session left it. Absent where the database cannot be reached: then
   * the other player has to see that the role has gone.
   */
  readonly roleSaved?: (rid: string, name: string) => Promise<string>
}

/** What the story leaves behind, for whoever wants to check it. */
export interface Outcome {
  readonly uid: string
  readonly rid: string
  readonly roleName: string
  readonly chatText: string
}

const password = 'correct horse battery'

/**
 * The main job: two players register, log in, play, chat, found an alliance and walk into the
 * world together; one drops the connection, is saved, comes back and finds everything there. The demo plays it for people, the end-to-end tests for the project.
 *
 * @throws Error naming the step whose outcome was not the expected one; HydraError of a refused request.
 */
export async function playMainJob(stage: Stage): Promise<Outcome> {
  const { say, suffix } = stage
  const accounts = createAccountApi(stage.httpUrl)
  const open: GameClient[] = []

  const arrive = async (username: string, serializer: Serializer) => {
    const { token, uid } = await accounts.login({ username, password })
    const [gate] = (await accounts.serverList('gate')).servers
    if (gate === undefined) throw new Error('http lists no gate; is one running?')
    const client = await connect({ url: gateUrl(gate), serializer })
    open.push(client)
    await client.logIn(token)
    return { client, uid, gate: `${gate.host}:${gate.port}` }
  }

  try {
    for (const name of ['ada', 'bob']) {
      const { uid } = await accounts.register({ username: `${name}${suffix}`, password })
      say('register', `${name}${suffix} is account ${uid}`)
    }

    const ada = await arrive(`ada${suffix}`, 'msgpack')
    const bob = await arrive(`bob${suffix}`, 'json')
    say('log in', `both at http, then at the gate ${ada.gate} (Ada speaks MessagePack, Bob JSON)`)

    const adaRole = await createAndEnter(ada.client, `Ada${suffix}`)
    const bobRole = await createAndEnter(bob.client, `Bob${suffix}`)
    say('create a role', `"${adaRole.name}" and "${bobRole.name}", level ${adaRole.level}`)
    say('enter', `"${adaRole.name}" and "${bobRole.name}" are in the world`)

    const roleName = `Countess ${suffix}`
    const renamed = await ada.client.request(routes.game.role.rename, { name: roleName })
    expectEqual('the name after renaming', renamed.role.name, roleName)
    say('rename', `"${adaRole.name}" is now "${roleName}"`)

    const chatText = `Hello world, says ${roleName}`
    const heard = nextMessage(bob.client, (message) => message.text === chatText)
    const sent = await ada.client.request(routes.chat.channel.send, { channel: 'world', text: chatText })
    const message = await heard
    expectEqual('the number of the message that Bob heard', message.seq, sent.seq)
    expectEqual('the name on the message that Bob heard', message.from.name, roleName)
    say('talk', `Bob heard "${message.text}" as message ${message.seq} of the world channel`)

    await playAlliance(stage, ada.client, { client: bob.client, rid: bobRole.rid })

    const whereabouts = await playWorld(
      stage,
      { client: ada.client, rid: adaRole.rid },
      { client: bob.client, rid: bobRole.rid },
    )

    const before = (await ada.client.request(routes.game.role.get, {})).role
    await ada.client.close()
    say('drop the connection', `"${roleName}" has gone; the server keeps the role for the grace`)
    say('saved', await (stage.roleSaved?.(adaRole.rid, roleName) ?? roleGone(bob.client, adaRole.rid)))

    const again = await arrive(`ada${suffix}`, 'json')
    expectEqual('the account after logging in again', again.uid, ada.uid)
    const { roles } = await again.client.request(routes.game.role.list, {})
    expectEqual('the role list after logging in again', roles, [
      { rid: adaRole.rid, name: roleName, level: before.level },
    ])
    const { role } = await again.client.request(routes.game.role.enter, { rid: adaRole.rid })
    expectEqual(
      'the role after coming back',
      { ...role, version: 0, lastEnterAtMs: 0 },
      { ...before, version: 0, lastEnterAtMs: 0 },
    )
    if (role.version <= before.version)
      throw new Error(`The role's version went from ${before.version} to ${role.version}.`)
    const { messages } = await again.client.request(routes.chat.channel.history, { channel: 'world' })
    if (!messages.some(({ seq, text }) => seq === sent.seq && text === chatText)) {
      throw new Error(`Message ${sent.seq} is missing from the history: ${JSON.stringify(messages)}`)
    }
    const { rank } = await again.client.request(routes.chat.alliance.mine, {})
    expectEqual('the rank in the alliance after coming back', rank, 'leader')
    await expectSamePlace(again.client, whereabouts)
    say('come back', `"${role.name}" is there at version ${role.version}, and so is what was said`)

    await again.client.request(routes.gate.session.logout, {})
    await bob.client.request(routes.gate.session.logout, {})
    say('log out', 'both roles are saved and released')
    return { uid: ada.uid, rid: adaRole.rid, roleName, chatText }
  } finally {
    await Promise.all(open.map((client) => client.close()))
  }
}

async function createAndEnter(client: GameClient, name: string): Promise<RoleView> {
  const { role } = await client.request(routes.game.role.create, { name })
  const entered = await client.request(routes.game.role.enter, { rid: role.rid })
  expectEqual('the entered role', entered.role.name, name)
  return entered.role
}
