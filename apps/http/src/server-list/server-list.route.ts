import { accountEndpoints } from '@hydra/protocol'
import type { Registry } from '@hydra/rpc'
import type { Context } from 'hono'
import { readQuery } from '../read-body.ts'
import { listServers, publicType } from './server-list.ts'

/** What listing servers needs. */
export interface ServerListRouteDeps {
  readonly registry: () => Registry
}

/** `GET /serverList?serverType=gate`. Answers from the local view of the registry, also while that is out of reach. */
export function serverListRoute({ registry }: ServerListRouteDeps, context: Context): Response {
  const { serverType } = readQuery(context, accountEndpoints.serverList.request)
  const type = publicType(serverType)
  return context.json(listServers(registry().list(type)))
}
