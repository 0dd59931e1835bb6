import * as z from 'zod'
import { defineInternal, defineRoute } from '../../define-route.ts'
import { limits } from '../../limits.ts'
import { disconnectReason } from '../../disconnect-reasons.ts'
import { empty, id, timestampMs } from '../shared.ts'

/** Binds the connection to an account. */
export const login = defineRoute({
  name: 'gate.session.login',
  code: 101,
  kind: 'request',
  auth: 'none',
  request: z.object({ token: z.string().min(1).max(limits.tokenMaxChars) }),
  response: z.object({ uid: id, sessionId: id, serverTimeMs: timestampMs }),
  errors: ['TOKEN_INVALID', 'TOKEN_EXPIRED', 'ALREADY_LOGGED_IN', 'BANNED'],
  summary: 'Bind this connection to the account that the token from http names; an older session is kicked.',
})

/** Saves and releases the role, then unbinds the connection. */
export const logout = defineRoute({
  name: 'gate.session.logout',
  code: 102,
  kind: 'request',
  auth: 'user',
  request: empty,
  response: empty,
  errors: [],
  summary: 'Leave without grace: the answer means that the role is saved. The connection may log in again.',
})

/** Ends a session from another server. */
export const kick = defineInternal({
  name: 'gate.session.kick',
  request: z.object({ sessionId: id, reason: disconnectReason, message: z.string().max(200).optional() }),
  response: z.object({ found: z.boolean() }),
  errors: [],
  summary: 'Close a session that lives on this gate, with a reason that its client is told.',
})
