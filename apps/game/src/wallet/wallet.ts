import { HydraError, type RequestOf, type ResponseOf, type routes } from '@hydra/protocol'
import { hasEntry, withNoted, type NewEntry } from '../ledger/ledger-ring.ts'
import type { RoleState } from '../role/role.ts'

/** Most of one currency that a role may have; of gold, together with what is set aside. */
export const balanceMax = 1_000_000_000_000

/** Payments that one role may have under way; each is a call or two of another service. */
export const holdsMax = 8

/** So many ended payments are remembered: a call that is late is late by seconds, not by sixteen payments. */
const endedHoldsMax = 16

type HoldRequest = RequestOf<typeof routes.game.wallet.hold>

/** Gold that is set aside for one payment. */
export type Hold = Readonly<Pick<HoldRequest, 'amount' | 'purpose'> & { atMs: number }>

/** What a role has to spend, and what is set aside of it. */
export type Wallet = Readonly<{
  gold: number
  gems: number
  /** By the id of the payment. */
  holds: Readonly<Record<string, Hold>>
  /** Ids of the payments that ended last, the oldest first: a hold that arrives late must not take again. */
  endedHolds: readonly string[]
}>

/** A wallet with nothing set aside. */
export const walletWith = (gold: number): Wallet => ({ gold, gems: 0, holds: {}, endedHolds: [] })

/**
 * The role with gold set aside for a payment; the same value if it is already.
 *
 * @throws HydraError `FUNDS_TOO_LOW`, `HOLD_LIMIT_REACHED`; `BAD_REQUEST` for a payment that has ended, whose caller
 * does not wait for this any more.
 */
export function withHold(
  role: RoleState,
  { holdId, amount, purpose }: Pick<HoldRequest, 'holdId' | 'amount' | 'purpose'>,
  nowMs: number,
): RoleState {
  const { gold, gems, holds, endedHolds } = role.wallet
  if (Object.hasOwn(holds, holdId)) return role
  if (endedHolds.includes(holdId) || paymentReasons.some((reason) => hasEntry(role.ledger, reason, holdId))) {
    throw new HydraError('BAD_REQUEST', 'This payment has ended; begin another one under an id of its own.', {
      metadata: { holdId },
    })
  }
  if (Object.keys(holds).length >= holdsMax) {
    throw new HydraError(
      'HOLD_LIMIT_REACHED',
      `The role has ${holdsMax} payments under way; try again when one of them has ended.`,
      { metadata: { holdsMax } },
    )
  }
  if (gold < amount) {
    throw new HydraError('FUNDS_TOO_LOW', `This costs ${amount} gold; the role has ${gold}.`, {
      metadata: { gold, amount },
    })
  }
  const hold: Hold = { amount, purpose, atMs: nowMs }
  const changes = { gold: -amount, held: amount }
  return {
    ...role,
    wallet: { gold: gold - amount, gems, holds: { ...holds, [holdId]: hold }, endedHolds },
    ledger: withNoted(role.ledger, { reason: 'hold', ref: holdId, changes }, nowMs),
  }
}

/** The role after a payment: what was set aside is gone. The same value when it has ended before, or is unknown. */
export function withSettled(role: RoleState, holdId: string, nowMs: number): RoleState {
  const amount = heldFor(role, holdId)
  if (amount === undefined) return role
  return withoutHold(role, holdId, { reason: 'settle', changes: { held: -amount } }, nowMs)
}

/**
 * The role without a payment: what was set aside can be spent again. One that is unknown is remembered as ended,
 * because its hold may still be on its way. The same value when it has ended before.
 */
export function withReleased(role: RoleState, holdId: string, nowMs: number): RoleState {
  const amount = heldFor(role, holdId)
  if (amount === undefined && role.wallet.endedHolds.includes(holdId)) return role
  const changes = { gold: amount ?? 0, held: -(amount ?? 0) }
  return withoutHold(role, holdId, { reason: 'release', changes }, nowMs)
}

/**
 * Ids of the payments for a purpose that began before a time, whose caller may have died.
 *
 * @example overdueHolds(role, 'alliance', clock.nowMs() - 30_000)
 */
export function overdueHolds(
  { wallet }: RoleState,
  purpose: Hold['purpose'],
  beforeMs: number,
): readonly string[] {
  const holds = Object.entries(wallet.holds)
  return holds.flatMap(([id, hold]) => (hold.purpose === purpose && hold.atMs < beforeMs ? [id] : []))
}

/** What is set aside, for all payments together. */
export function heldIn({ holds }: Wallet): number {
  return Object.values(holds).reduce((sum, { amount }) => sum + amount, 0)
}

/** What its own player is answered. */
export function walletOf({ wallet, version }: RoleState): ResponseOf<typeof routes.game.wallet.get> {
  return { gold: wallet.gold, held: heldIn(wallet), gems: wallet.gems, version }
}

const paymentReasons = ['hold', 'settle', 'release'] as const

const heldFor = ({ wallet: { holds } }: RoleState, holdId: string): number | undefined =>
  Object.hasOwn(holds, holdId) ? holds[holdId]?.amount : undefined

function withoutHold(
  role: RoleState,
  holdId: string,
  { reason, changes }: Pick<NewEntry, 'reason' | 'changes'>,
  nowMs: number,
): RoleState {
  const { gold, gems, holds, endedHolds } = role.wallet
  // A payment that is unknown has nothing to note: it is remembered only because its hold may still arrive.
  const isKnown = Object.hasOwn(holds, holdId)
  return {
    ...role,
    wallet: {
      gold: gold + (changes['gold'] ?? 0),
      gems,
      holds: Object.fromEntries(Object.entries(holds).filter(([id]) => id !== holdId)),
      endedHolds: [...endedHolds, holdId].slice(-endedHoldsMax),
    },
    ledger: isKnown ? withNoted(role.ledger, { reason, ref: holdId, changes }, nowMs) : role.ledger,
  }
}
