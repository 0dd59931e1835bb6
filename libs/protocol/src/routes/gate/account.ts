import * as z from 'zod'
import { defineInternal } from '../../define-route.ts'
import { disconnectReason } from '../../disconnect-reasons.ts'
import { id, timestampMs } from '../shared.ts'

const message = z.string().max(200).describe('A sentence that the client is told.').optional()

/** Ends an account's session, wherever it is. */
export const kick = defineInternal({
  name: 'gate.account.kick',
  request: z.object({ uid: id, reason: disconnectReason.default('KICKED'), message }),
  response: z.object({ found: z.boolean().describe('Whether the account had a session.') }),
  errors: ['STORAGE_UNAVAILABLE'],
  summary: 'Close the session of an account, on whichever gate it lives. Any gate may be asked.',
})

/** Bans an account and ends its session. */
export const ban = defineInternal({
  name: 'gate.account.ban',
  request: z.object({ uid: id, untilMs: timestampMs.describe('0 lifts the ban.'), message }),
  response: z.object({
    found: z.boolean().describe('Whether there is such an account.'),
    kicked: z.boolean().describe('Whether it had a session, which has ended.'),
  }),
  errors: ['STORAGE_UNAVAILABLE'],
  summary:
    'Keep an account from logging in until a time, and close the session that it has. Any gate may be asked.',
})
