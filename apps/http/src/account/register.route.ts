import { accountEndpoints } from '@hydra/protocol'
import type { Context } from 'hono'
import type { ClientAddress } from '../client-address.ts'
import { readBody } from '../read-body.ts'
import type { Attempts } from './attempts.ts'
import { register, type RegisterDeps } from './register.ts'

/** What the edge of registering needs on top of the rule. */
export interface RegisterRouteDeps extends RegisterDeps {
  readonly attempts: Attempts
  readonly clientAddress: ClientAddress
  readonly bodyMaxBytes: number
}

/** `POST /account/register`. */
export async function registerRoute(deps: RegisterRouteDeps, context: Context): Promise<Response> {
  const credentials = await readBody(context, accountEndpoints.register.request, deps.bodyMaxBytes)
  deps.attempts.count(deps.clientAddress(context), credentials.username)
  return context.json(await register(deps, credentials))
}
