import * as z from 'zod'
import { defineInternal, definePush, defineRoute } from '../../define-route.ts'
import { disconnectReason } from '../../disconnect-reasons.ts'
import { limits } from '../../limits.ts'
import { empty, id, roleName, timestampMs } from '../shared.ts'
import { itemStack } from './bag.ts'

/** A line of the role list. */
export const roleSummary = z.object({ rid: id, name: roleName, level: z.number().int().min(1) })

/** A role as its own player sees it. */
export const roleView = roleSummary.extend({
  exp: z.number().int().nonnegative().describe('Experience gained on the present level.'),
  createdAtMs: timestampMs,
  lastEnterAtMs: timestampMs.describe('When the role last entered, 0 before the first time.'),
  version: z
    .number()
    .int()
    .nonnegative()
    .describe('Grows by one with each change; two views with the same number are equal.'),
})

/** Type of {@link roleView}. */
export type RoleView = z.output<typeof roleView>
/** Type of {@link roleSummary}. */
export type RoleSummary = z.output<typeof roleSummary>

const withRole = z.object({ role: roleView })

/** Lists the account's roles. */
export const list = defineRoute({
  name: 'game.role.list',
  code: 201,
  kind: 'request',
  auth: 'user',
  request: empty,
  response: z.object({ roles: z.array(roleSummary).max(limits.rolesPerAccountMax) }),
  errors: [],
  summary: "The account's roles.",
})

/** Creates a role. */
export const create = defineRoute({
  name: 'game.role.create',
  code: 202,
  kind: 'request',
  auth: 'user',
  request: z.object({ name: roleName }),
  response: withRole,
  errors: ['NAME_TAKEN', 'ROLE_LIMIT_REACHED'],
  summary: 'Create a role with a name that no other role has. It is stored when the answer arrives.',
})

/** Starts playing a role. */
export const enter = defineRoute({
  name: 'game.role.enter',
  code: 203,
  kind: 'request',
  auth: 'user',
  request: z.object({ rid: id }),
  response: withRole,
  errors: ['ROLE_NOT_FOUND', 'ROLE_ELSEWHERE', 'SESSION_ENDED'],
  summary:
    'Play a role of this account; it joins the world channel. A role left behind by an earlier session is taken over.',
})

/** Renames the entered role. */
export const rename = defineRoute({
  name: 'game.role.rename',
  code: 204,
  kind: 'request',
  auth: 'role',
  request: z.object({ name: roleName }),
  response: withRole,
  errors: ['NAME_TAKEN'],
  summary: 'Give the entered role another name that no other role has.',
})

/** Reads the entered role. */
export const get = defineRoute({
  name: 'game.role.get',
  code: 205,
  kind: 'request',
  auth: 'role',
  request: empty,
  response: withRole,
  errors: [],
  summary: 'The entered role as the server holds it now.',
})

const clientTimeMs = z.number().describe("The client's own clock; comes back as it was sent.")

/** Measures the way to the role and back. */
export const ping = defineRoute({
  name: 'game.role.ping',
  code: 206,
  kind: 'request',
  auth: 'role',
  request: z.object({ clientTimeMs: clientTimeMs.optional() }),
  response: z.object({ clientTimeMs: clientTimeMs.optional(), serverTimeMs: timestampMs }),
  errors: [],
  summary: "Through the role's mailbox and back: round-trip time and the server's clock.",
})

/** Tells the owner of a role that its session ended. */
export const leave = defineInternal({
  name: 'game.role.leave',
  request: z.object({
    rid: id,
    uid: id,
    sessionId: id,
    sessionEpoch: z.number().int().nonnegative(),
    reason: disconnectReason,
    grace: z
      .boolean()
      .describe(
        '`true`: after the grace, in which the player may come back. `false`: now, answered when saved.',
      ),
  }),
  response: z.object({ state: z.enum(['grace', 'saved', 'superseded', 'absent']) }),
  errors: ['STORAGE_UNAVAILABLE'],
  summary:
    'Save and release a role whose session ended. A leave from a session older than the current one changes nothing.',
})

/** Something has come to the role. */
export const rewarded = definePush({
  name: 'game.role.rewarded',
  code: 257,
  payload: z.object({
    reason: z.enum(['kill', 'loot', 'daily', 'use']),
    exp: z.number().int().nonnegative(),
    gold: z.number().int().nonnegative(),
    gems: z.number().int().nonnegative(),
    items: z.array(itemStack),
    role: roleView.describe('The role, afterwards.'),
  }),
  summary: 'The entered role has been given something; it is stored.',
})
