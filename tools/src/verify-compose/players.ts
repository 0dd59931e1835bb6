// Players of the verification; run in the network of the stack:
// players.ts <arrive|come-back|stay> <url of http> <count> <suffix>
import { connect, createAccountApi, gateUrl, type CloseReason, type GameClient } from '@hydra/client'
import { pushes, routes } from '@hydra/protocol'
import { expectEqual } from '../demo/expect.ts'

const password = 'correct horse battery'
const [action, httpUrl = '', count = '0', suffix = ''] = process.argv.slice(2)
const accounts = createAccountApi(httpUrl)
const open: GameClient[] = []

const enterGate = async (token: string): Promise<GameClient> => {
  const [gate] = (await accounts.serverList('gate')).servers
  if (gate === undefined) throw new Error('http lists no gate.')
  const client = await connect({ url: gateUrl(gate) })
  open.push(client)
  await client.logIn(token)
  return client
}

/** A new account with a role that has something to lose: another name than it was made with. */
async function arrive(number: number): Promise<void> {
  const { token } = await accounts.register({ username: `p${number}${suffix}`, password })
  const client = await enterGate(token)
  const { role } = await client.request(routes.game.role.create, { name: `New ${number} ${suffix}` })
  await client.request(routes.game.role.enter, { rid: role.rid })
  await client.request(routes.game.role.rename, { name: `Kept ${number} ${suffix}` })
}

async function comeBack(number: number): Promise<void> {
  const { token } = await accounts.login({ username: `p${number}${suffix}`, password })
  const client = await enterGate(token)
  const { roles } = await client.request(routes.game.role.list, {})
  expectEqual(
    'the role of an earlier account',
    roles.map(({ name }) => name),
    [`Kept ${number} ${suffix}`],
  )
  await client.request(routes.game.role.enter, { rid: roles[0]?.rid ?? '' })
}

/** Plays on until the gate says goodbye. Answers what it said. */
async function untilSentAway(client: GameClient): Promise<string> {
  const [{ closesInMs }, { code }] = await Promise.all([
    new Promise<{ closesInMs: number }>((resolve) => client.on(pushes.gate.server.draining, resolve)),
    new Promise<CloseReason>((resolve) => client.onClose(resolve)),
  ])
  return `told ${closesInMs} ms before, then ${code}`
}

try {
  // One after the other, but all are there in the end: so the edge has something to balance.
  for (let number = 1; number <= Number(count); number++)
    await (action === 'come-back' ? comeBack(number) : arrive(number))
  if (action === 'stay') {
    console.log('here')
    const told = await Promise.all(open.map(untilSentAway))
    console.log([...new Set(told)].join('; '))
    process.exit(0)
  }
  for (const client of open) await client.request(routes.gate.session.logout, {})
  console.log(`${open.length} players, all saved`)
} finally {
  await Promise.all(open.map((client) => client.close()))
}
