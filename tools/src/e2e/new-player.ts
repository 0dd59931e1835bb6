import {
  connect,
  createAccountApi,
  gateUrl,
  type ConnectOptions,
  type GameClient,
  type ListedGate,
} from '@hydra/client'
import { routes } from '@hydra/protocol'
import { uniqueName } from '@hydra/testing'

/** A new account, connected, in a new role. */
export interface NewPlayer {
  readonly client: GameClient
  readonly token: string
  readonly rid: string
  /** Of the account and of the role. */
  readonly name: string
  /** The gate that it is connected to. */
  readonly gateUrl: string
}

/** Options of {@link newPlayer}. */
export interface NewPlayerOptions extends Omit<ConnectOptions, 'url'> {
  /** Of a gate; else the first one that http lists. */
  readonly gateUrl?: string
}

/**
 * Registers an account at http, connects to a gate, makes a role and enters it.
 *
 * @example const { client, rid } = await newPlayer(cluster.httpUrl)
 */
export async function newPlayer(
  httpUrl: string,
  { gateUrl: chosen, ...options }: NewPlayerOptions = {},
): Promise<NewPlayer> {
  const accounts = createAccountApi(httpUrl)
  const name = uniqueName('p').slice(-8)
  const { token } = await accounts.register({ username: name, password: 'correct horse battery' })
  const url = chosen ?? urlOf((await accounts.serverList('gate')).servers[0])
  const client = await connect({ url, ...options })
  await client.logIn(token)
  const { role } = await client.request(routes.game.role.create, { name })
  await client.request(routes.game.role.enter, { rid: role.rid })
  return { client, token, rid: role.rid, name, gateUrl: url }
}

/** Where a gate of the server list is reached. */
export function urlOf(gate: ListedGate | undefined): string {
  if (gate === undefined) throw new Error('http lists no gate.')
  return gateUrl(gate)
}
