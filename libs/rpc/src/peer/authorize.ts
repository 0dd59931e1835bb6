import { HydraError, type AnyRoute } from '@hydra/protocol'
import type { SessionIdentity } from '../session-identity.ts'

/**
 * Checks that a session has done what the route asks for. The gate has checked it before; the owner of the route does
 * it again, because a handler must be able to rely on it whatever gate the call came from.
 *
 * @returns the session that the handler of a public route is given; `undefined` for an internal route.
 * @throws HydraError `ROUTE_UNKNOWN` for an internal route that a client calls, `NOT_LOGGED_IN`, `ROLE_NOT_ENTERED`.
 */
export function authorize(route: AnyRoute, session: SessionIdentity | null): SessionIdentity | undefined {
  if (route.internal) {
    if (session === null) return undefined
    throw new HydraError('ROUTE_UNKNOWN', `"${route.name}" is not for clients.`)
  }
  if (session === null)
    throw new HydraError('NOT_LOGGED_IN', `"${route.name}" is called by clients, through a gate.`)
  const loggedIn = session.uid !== undefined && session.epoch !== undefined
  if (route.auth !== 'none' && !loggedIn)
    throw new HydraError('NOT_LOGGED_IN', `"${route.name}" needs gate.session.login first.`)
  if (route.auth === 'role' && session.rid === undefined)
    throw new HydraError('ROLE_NOT_ENTERED', `"${route.name}" needs game.role.enter first.`)
  return session
}
