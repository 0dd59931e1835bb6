import * as z from 'zod'
import { defineInternal, defineRoute } from '../../define-route.ts'
import { limits } from '../../limits.ts'
import { empty, id, timestampMs } from '../shared.ts'

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
    held: gold.describe('Gold that is set aside for payments under way.'),
    gems: gold.describe('The other currency.'),
    version: z.number().int().nonnegative().describe("The role's version, as in `game.role.get`."),
  }),
  errors: [],
  summary: 'What the entered role has to spend.',
})

/** Why something of value came or went. */
export const ledgerReasons = [
  'opening',
  'hold',
  'settle',
  'release',
  'use',
  'sell',
  'kill',
  'loot',
  'daily',
] as const

const seq = z.number().int().min(1)
const asset = z
  .string()
  .max(64)
  .regex(
    /^(?:gold|held|gems|exp|item:[a-z][a-z0-9-]*)$/,
    '"gold", "held", "gems", "exp" or "item:" and an id',
  )
  .describe(
    '`gold`, `held` (gold set aside), `gems`, `exp` (all that was ever gained), or `item:` and its id.',
  )

/** One entry of a role's ledger. */
export const ledgerEntry = z.object({
  seq: seq.describe('Counts the entries of the role, without gaps.'),
  atMs: timestampMs,
  reason: z.enum(ledgerReasons),
  ref: id.exactOptional().describe('What it was for: the payment, the kill, the loot. Once for each reason.'),
  changes: z.record(asset, z.number().int()).describe('What came (above 0) and what went (below 0).'),
})
/** Type of {@link ledgerEntry}. */
export type LedgerEntry = Readonly<z.output<typeof ledgerEntry>>

/** Reads the ledger. */
export const ledger = defineRoute({
  name: 'game.wallet.ledger',
  code: 224,
  kind: 'request',
  auth: 'role',
  request: z.object({
    beforeSeq: seq.optional().describe('Only entries before this one; the latest when absent.'),
    limit: z.number().int().min(1).max(limits.ledgerPageMax).default(20),
  }),
  response: z.object({
    entries: z.array(ledgerEntry).max(limits.ledgerPageMax).describe('The latest first.'),
  }),
  errors: ['STORAGE_UNAVAILABLE'],
  summary: 'Everything of value that came to the entered role or went from it, entry by entry.',
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
