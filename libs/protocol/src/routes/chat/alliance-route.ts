import * as z from 'zod'
import { defineRoute, type RouteName } from '../../define-route.ts'
import type { ErrorCode } from '../../error-codes.ts'
import { limits } from '../../limits.ts'
import { id } from '../shared.ts'

/** A page's beginning: `next` of the page before. */
export const cursor = z.string().max(200).optional().describe('`next` of the page before.')
/** Entries of a page. */
export const limit = z.number().int().min(1).max(limits.alliancePageMax).default(20)
/** Where the next page begins. */
export const next = z.string().optional().describe('Absent on the last page.')
/** A request about another role. */
export const oneRole = z.object({ rid: id })
/** A request about an alliance. */
export const oneAlliance = z.object({ allianceId: id })

/** A route of alliances: a request by a role that has been entered. */
export const allianceRoute = <
  const Name extends RouteName,
  Request extends z.ZodType,
  Response extends z.ZodType,
>(contract: {
  readonly name: Name
  readonly code: number
  readonly request: Request
  readonly response: Response
  readonly errors: readonly ErrorCode[]
  readonly summary: string
}) => defineRoute({ kind: 'request', auth: 'role', ...contract })
