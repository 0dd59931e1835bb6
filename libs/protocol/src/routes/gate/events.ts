import * as z from 'zod'
import { defineEvent } from '../../define-event.ts'
import { disconnectReason } from '../../disconnect-reasons.ts'
import { id } from '../shared.ts'
import { sessionClient, sessionData } from './session.ts'

const login = z.object({
  uid: id,
  sessionId: id,
  gateId: id,
  epoch: z
    .number()
    .int()
    .nonnegative()
    .describe('Of two sessions of an account the larger one is the newer: late events can be told by it.'),
})

/** Published when a connection was bound to an account. */
export const bound = defineEvent({
  name: 'gate.session.bound',
  payload: login.extend({ remoteAddress: z.string(), client: sessionClient }),
  summary: 'A connection has logged in: from now on this is the one session of its account.',
})

/** Published when a session is over. */
export const closed = defineEvent({
  name: 'gate.session.closed',
  payload: login.extend({ rid: id.optional(), reason: disconnectReason, data: sessionData }),
  summary:
    'A session that had logged in is over, by its end or by logout. Its role may still be within its grace.',
})
