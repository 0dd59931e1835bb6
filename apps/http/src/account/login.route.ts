import { accountEndpoints } from '@hydra/protocol'
import type { Context } from 'hono'
import type { ClientAddress } from '../client-address.ts'
import { readBody } from '../read-body.ts'
import type { Attempts } from './attempts.ts'
import { login, type LoginDeps } from './login.ts'

/** What the edge of logging in needs on top of the rule. */
export interface LoginRouteDeps extends LoginDeps {
  readonly attempts: Attempts
  readonly clientAddress: ClientAddress
  readonly bodyMaxBytes: number
}

/** `POST /account/login`. */
export async function loginRoute(deps: LoginRouteDeps, context: Context): Promise<Response> {
  const credentials = await readBody(context, accountEndpoints.login.request, deps.bodyMaxBytes)
  deps.attempts.count(deps.clientAddress(context), credentials.username)
  return context.json(await login(deps, credentials))
}
