import * as z from 'zod'
import { definePush, defineRoute } from '../../define-route.ts'
import { empty, operation, timestampMs } from '../shared.ts'

const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, 'a date such as 2026-11-28')
  .describe('The day in the time zone of the game, which begins at its hour of reset.')

const daily = z.object({
  day,
  resetsAtMs: timestampMs.describe('When the next day begins.'),
  kills: z.number().int().nonnegative().describe('Monsters killed on this day.'),
  isClaimed: z.boolean().describe("Whether the day's reward was claimed."),
})

/** Reads what counts by the day. */
export const get = defineRoute({
  name: 'game.daily.get',
  code: 225,
  kind: 'request',
  auth: 'role',
  request: empty,
  response: daily,
  errors: [],
  summary: 'What the entered role has done on the present day.',
})

/** Claims the day's reward. */
export const claim = defineRoute({
  name: 'game.daily.claim',
  code: 226,
  kind: 'request',
  auth: 'role',
  request: z.object({ operation }),
  response: daily.extend({
    gold: z.number().int().nonnegative().describe('Gold of the role, afterwards.'),
    gems: z.number().int().nonnegative().describe('Gems of the role, afterwards.'),
  }),
  errors: [
    'DAILY_CLAIMED',
    'BALANCE_TOO_HIGH',
    'OPERATION_REPEATED',
    'OPERATION_TOO_OLD',
    'OPERATION_TOO_FAR',
  ],
  summary: 'Take the reward of the present day, once.',
})

/** A new day has begun. */
export const reset = definePush({
  name: 'game.daily.reset',
  code: 256,
  payload: daily,
  summary: 'A new day has begun while the role is being played: what counts by the day begins anew.',
})
