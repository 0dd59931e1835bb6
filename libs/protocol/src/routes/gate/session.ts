import * as z from 'zod'
import { defineInternal, defineRoute } from '../../define-route.ts'
import { limits } from '../../limits.ts'
import { disconnectReason } from '../../disconnect-reasons.ts'
import { empty, id, timestampMs } from '../shared.ts'
import { topicName } from './topic.ts'

/** What services may note on a session: a few plain values under short names. */
export const sessionData = z.record(
  z.string().min(1).max(64),
  z.union([z.string().max(limits.sessionDataMaxChars), z.number(), z.boolean()]),
)

/** A change of {@link sessionData}: `null` removes a name; names that it does not mention stay. */
export const sessionDataChange = z.record(
  z.string().min(1).max(64),
  z.union([z.string().max(limits.sessionDataMaxChars), z.number(), z.boolean(), z.null()]),
)

/** Type of {@link sessionData}. */
export type SessionData = Readonly<z.output<typeof sessionData>>
/** Type of {@link sessionDataChange}. */
export type SessionDataChange = Readonly<z.output<typeof sessionDataChange>>

/** What a client has said of itself in the handshake; nobody has checked it. */
export const sessionClient = z.object({
  platform: z.string().optional(),
  version: z.string().optional(),
  user: z.record(z.string(), z.unknown()).describe('Whatever the application says of itself.').optional(),
})

/** Binds the connection to an account. */
export const login = defineRoute({
  name: 'gate.session.login',
  code: 101,
  kind: 'request',
  auth: 'none',
  request: z.object({
    token: z.string().min(1).max(limits.tokenMaxChars),
    resume: z
      .object({
        sessionId: id.describe('Of the session whose connection was lost.'),
        pushes: z
          .number()
          .int()
          .nonnegative()
          .describe(
            'Pushes received since its login; after a resume the count goes on, those replayed included.',
          ),
      })
      .optional()
      .describe('For clients that said `resume` in both handshakes: go on where that session was lost.'),
  }),
  response: z.object({
    uid: id,
    sessionId: id,
    serverTimeMs: timestampMs,
    tokenExpiresAtMs: timestampMs
      .optional()
      .describe('Until when the token can be shown again; `gate.session.renew` answers another one before.'),
    resumed: z
      .boolean()
      .optional()
      .describe(
        'Present when asked for. `true`: role and topics are as before, and the missed pushes have been sent before this answer. `false`: enter again, and read anew what pushes would have told.',
      ),
  }),
  errors: ['TOKEN_INVALID', 'TOKEN_EXPIRED', 'ALREADY_LOGGED_IN', 'BANNED'],
  summary: 'Bind this connection to the account that the token from http names; an older session is kicked.',
})

/** Answers another token. */
export const renew = defineRoute({
  name: 'gate.session.renew',
  code: 103,
  kind: 'request',
  auth: 'user',
  request: empty,
  response: z.object({
    token: z.string().min(1).max(limits.tokenMaxChars),
    expiresAtMs: timestampMs,
    serverTimeMs: timestampMs,
  }),
  errors: ['TOKEN_INVALID', 'TOKEN_EXPIRED', 'BANNED'],
  summary:
    'A new token for this account, to come back with when the one of the login has expired meanwhile. `TOKEN_EXPIRED`: the last login with the password is too long ago.',
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

/** Notes something on a session from another server, outside of a request. */
export const update = defineInternal({
  name: 'gate.session.update',
  request: z.object({ sessionId: id, data: sessionDataChange }),
  response: z.object({ found: z.boolean() }),
  errors: ['PAYLOAD_TOO_LARGE'],
  summary:
    'Change the data of a session: every later request of it carries them to whichever service handles it.',
})

/** Reads what a gate knows about a session. */
export const get = defineInternal({
  name: 'gate.session.get',
  request: z.object({ sessionId: id }),
  response: z.object({
    session: z
      .object({
        uid: id.optional(),
        rid: id.optional(),
        remoteAddress: z.string(),
        transport: z.string(),
        client: sessionClient,
        data: sessionData,
      })
      .optional()
      .describe('Absent: this gate has no such session.'),
  }),
  errors: [],
  summary:
    'What this gate knows about one of its sessions: account, role, address, the client, and its data.',
})

/** Asks which sessions are still there. */
export const present = defineInternal({
  name: 'gate.session.present',
  request: z.object({
    sessions: z
      .array(z.object({ sessionId: id, rid: id, topic: topicName.optional() }))
      .min(1)
      .max(1_000),
  }),
  response: z.object({ present: z.array(z.boolean()), receives: z.array(z.boolean()) }),
  errors: [],
  summary:
    'Whether each session is on this gate, or may still come back to it, and plays the role; and whether it receives the topic, if one is named.',
})
