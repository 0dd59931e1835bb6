import { contractByCode, HydraError, routeByName, type Route, type RouteRef } from '@hydra/protocol'
import type { ClientMessage } from '../packet/on-packet.ts'
import type { Session } from '../session/session.ts'

/** The public route of a name or code. Internal routes and pushes do not exist for clients. */
export function findRoute(ref: RouteRef): Route | undefined {
  const contract = typeof ref === 'number' ? contractByCode(ref) : routeByName(ref)
  if (contract === undefined || !('internal' in contract) || contract.internal) return undefined
  return contract
}

/**
 * Refuses what needs no backend to be refused.
 *
 * @throws HydraError `ROUTE_UNKNOWN`, `BAD_REQUEST` for a notify of what must be answered (or the reverse),
 * `NOT_LOGGED_IN`, `ROLE_NOT_ENTERED`.
 */
export function judge(session: Session, message: ClientMessage): Route {
  const route = findRoute(message.route)
  if (route === undefined) {
    const what = typeof message.route === 'number' ? `the code ${message.route}` : `"${message.route}"`
    throw new HydraError('ROUTE_UNKNOWN', `There is no route ${what} for clients.`)
  }
  if (route.kind !== message.kind) {
    throw new HydraError('BAD_REQUEST', `"${route.name}" is a ${route.kind}, not a ${message.kind}.`)
  }
  if (route.auth !== 'none' && session.user === undefined) {
    throw new HydraError('NOT_LOGGED_IN', `"${route.name}" needs gate.session.login first.`)
  }
  if (route.auth === 'role' && session.rid === undefined) {
    throw new HydraError('ROLE_NOT_ENTERED', `"${route.name}" needs game.role.enter first.`)
  }
  return route
}
