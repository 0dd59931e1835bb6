import * as z from 'zod'
import { defineInternal, defineRoute } from '../../define-route.ts'
import { empty, id } from '../shared.ts'

const gold = z.number().int().nonnegative()
const payer = { rid: id, uid: id, holdId: id.describe('Made by the caller, another one for each payment.') }

/** Reads the wallet. */
export const get = defineRoute({
  name: 'game.wallet.get',
  code: 209,
  kind: 'request',
  auth: 'role',
  request: empty,
  response: z.object({
    gold: gold.describe('What can be spent.'),
    held: gold.describe('What is set aside for payments under way.'),
    version: z.number().int().nonnegative().describe("The role's version, as in `game.role.get`."),
  }),
  errors: [],
  summary: 'What the entered role has to spend.',
})

/** Sets gold aside. */
export const hold = defineInternal({
  name: 'game.wallet.hold',
  request: z.object({
    ...payer,
    amount: z.number().int().min(1).max(1_000_000_000),
    purpose: z.enum(['alliance']).describe('Who is asked what became of it if the caller dies.'),
  }),
  response: empty,
  errors: ['FUNDS_TOO_LOW', 'HOLD_LIMIT_REACHED', 'ROLE_NOT_FOUND', 'ROLE_ELSEWHERE'],
  summary: 'Set gold aside for a payment: nothing else can spend it. The same hold again changes nothing.',
})

/** Takes what was set aside. */
export const settle = defineInternal({
  name: 'game.wallet.settle',
  request: z.object(payer),
  response: empty,
  errors: ['ROLE_NOT_FOUND', 'ROLE_ELSEWHERE'],
  summary: 'The payment has bought what it was for: the gold is gone. Safe to repeat.',
})

/** Gives back what was set aside. */
export const release = defineInternal({
  name: 'game.wallet.release',
  request: z.object(payer),
  response: empty,
  errors: ['ROLE_NOT_FOUND', 'ROLE_ELSEWHERE'],
  summary: 'The payment has bought nothing: the gold is back. Safe to repeat.',
})
