import type * as z from 'zod'
import type { RouteName } from './define-route.ts'

/** A contract of a fact that one service tells whichever others care. Clients never see it. */
export interface EventContract<Name extends RouteName = RouteName, Payload extends z.ZodType = z.ZodType> {
  readonly name: Name
  readonly payload: Payload
  readonly summary: string
}

/**
 * Contracts an event between services: delivered at most once to each subscriber that is listening.
 *
 * @example
 * export const roleLeft = defineEvent({
 *   name: 'game.role.left', payload: z.object({ rid: id }), summary: 'A role was saved and released.',
 * })
 */
export function defineEvent<const Name extends RouteName, Payload extends z.ZodType>(
  contract: EventContract<Name, Payload>,
): EventContract<Name, Payload> {
  return Object.freeze({ ...contract })
}
