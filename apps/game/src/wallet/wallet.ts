import { HydraError, type RequestOf, type ResponseOf, type routes } from '@hydra/protocol'
import type { RoleState } from '../role/role.ts'

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
  /** By the id of the payment. */
  holds: Readonly<Record<string, Hold>>
  /** Ids of the payments that ended last, the oldest first: a hold that arrives late must not take again. */
  endedHolds: readonly string[]
}>

/** A wallet with nothing set aside. */
export const walletWith = (gold: number): Wallet => ({ gold, holds: {}, endedHolds: [] })

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
  const { gold, holds, endedHolds } = role.wallet
  if (Object.hasOwn(holds, holdId)) return role
  if (endedHolds.includes(holdId)) {
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
  return { ...role, wallet: { gold: gold - amount, holds: { ...holds, [holdId]: hold }, endedHolds } }
}

/** The role after a payment: what was set aside is gone. The same value when it has ended before, or is unknown. */
export function withSettled(role: RoleState, holdId: string): RoleState {
  return Object.hasOwn(role.wallet.holds, holdId) ? withoutHold(role, holdId, 0) : role
}

/**
 * The role without a payment: what was set aside can be spent again. One that is unknown is remembered as ended,
 * because its hold may still be on its way. The same value when it has ended before.
 */
export function withReleased(role: RoleState, holdId: string): RoleState {
  const { holds, endedHolds } = role.wallet
  const amount = Object.hasOwn(holds, holdId) ? holds[holdId]?.amount : undefined
  if (amount === undefined && endedHolds.includes(holdId)) return role
  return withoutHold(role, holdId, amount ?? 0)
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

/** What its own player is answered. */
export function walletOf({ wallet, version }: RoleState): ResponseOf<typeof routes.game.wallet.get> {
  const held = Object.values(wallet.holds).reduce((sum, { amount }) => sum + amount, 0)
  return { gold: wallet.gold, held, version }
}

function withoutHold(role: RoleState, holdId: string, refund: number): RoleState {
  const { gold, holds, endedHolds } = role.wallet
  return {
    ...role,
    wallet: {
      gold: gold + refund,
      holds: Object.fromEntries(Object.entries(holds).filter(([id]) => id !== holdId)),
      endedHolds: [...endedHolds, holdId].slice(-endedHoldsMax),
    },
  }
}
