import * as z from 'zod'
import { limits } from '../limits.ts'

/** Ids are made by servers; letters, digits, `-` and `_` only, so that they can be part of a bus subject. */
export const id = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'an id of 1 to 64 letters, digits, "-" or "_"')
  .describe('An id made by a server: letters, digits, `-` and `_`.')

/** Name of a role: what other players see. No control characters and no blanks at the ends. */
export const roleName = z
  .string()
  .min(limits.roleNameMinChars)
  .max(limits.roleNameMaxChars)
  .regex(
    /^(?!.* {2})(?!.*\p{Default_Ignorable_Code_Point})[\p{L}\p{N}](?:[\p{L}\p{M}\p{N} _.-]*[\p{L}\p{M}\p{N}])?$/u,
    'letters, digits, inner blanks and _ . -',
  )
  .describe('What other players see: letters and digits of any script; blanks and `_ . -` inside.')

/** Milliseconds since 1970 by a server's clock. */
export const timestampMs = z
  .number()
  .int()
  .nonnegative()
  .max(8_640_000_000_000_000, 'a time before the year 275761, the last that a Date can say')
  .describe("Milliseconds since 1970, by the server's clock.")

/** Level of a role, as wide as databases keep it. */
export const roleLevel = z.number().int().min(1).max(2_147_483_647)

/** A body without content; unknown fields are dropped. */
export const empty = z.object({})

/** Id of a row of a design table, such as `potion-small`. */
export const tableId = z
  .string()
  .max(limits.tableIdMaxChars)
  .regex(/^[a-z][a-z0-9-]*$/, 'an id of small letters, digits and "-" that begins with a letter')
  .describe('Id of a row of a design table: small letters, digits and `-`.')

/** Number of an operation that changes what has value, see `game.bag.get`. */
export const operation = z
  .number()
  .int()
  .min(1)
  .describe(
    'Number of this operation, made by the client: another one for each, above `lastOperation`. Sent again after an ' +
      'answer was lost, the operation is made once: `OPERATION_REPEATED` says that it had been made.',
  )
