import type { RoleSettings, RoleSummary, RoleView } from '@hydra/protocol'
import { newBag, type Bag } from '../bag/bag.ts'
import { neverPlayed, type Daily } from '../daily/daily.ts'
import { openedLedger, type Ledger } from '../ledger/ledger-ring.ts'
import { noOperations, type Operations } from '../operation/operation.ts'
import { walletWith, type Wallet } from '../wallet/wallet.ts'

/** Gold of a new role. */
export const startingGold = 1_000

/** A role as its actor holds it in memory. Never changed in place: each rule answers a new value. */
export interface RoleState {
  readonly rid: string
  readonly uid: string
  readonly name: string
  readonly level: number
  readonly exp: number
  readonly createdAtMs: number
  /** 0 before the first time. */
  readonly lastEnterAtMs: number
  readonly settings: RoleSettings
  readonly wallet: Wallet
  readonly bag: Bag
  readonly ledger: Ledger
  readonly operations: Operations
  readonly daily: Daily
  /** Where it is, or was when it left the world; `null`: it was never there, or its scene is no more. */
  readonly place: Place | null
  /** Counts the changes; the actor sets it, rules leave it alone. */
  readonly version: number
}

/** A place in the world: the table id of a scene, and whole centimetres from its corner. */
export type Place = Readonly<{ scene: string; x: number; y: number }>

/** A role as it starts. */
export function newRole(identity: Pick<RoleState, 'rid' | 'uid' | 'name'>, nowMs: number): RoleState {
  return {
    ...identity,
    level: 1,
    exp: 0,
    createdAtMs: nowMs,
    lastEnterAtMs: 0,
    settings: {},
    wallet: walletWith(startingGold),
    bag: newBag(),
    ledger: openedLedger({ gold: startingGold }, nowMs),
    operations: noOperations,
    daily: neverPlayed,
    place: null,
    version: 0,
  }
}

/** The role's player has come. */
export function entered(role: RoleState, nowMs: number): RoleState {
  return { ...role, lastEnterAtMs: nowMs }
}

/** The role under another name. The name has been claimed by then, see `rename.handler.ts`. */
export function renamed(role: RoleState, name: string): RoleState {
  return role.name === name ? role : { ...role, name }
}

/** Whether others see a difference between two states of a role. */
export function looksDifferent(before: RoleState, after: RoleState): boolean {
  return before.name !== after.name || before.level !== after.level
}

/** What its own player sees. */
export function viewOf(role: RoleState): RoleView {
  const { rid, name, level, exp, createdAtMs, lastEnterAtMs, version } = role
  return { rid, name, level, exp, createdAtMs, lastEnterAtMs, version }
}

/** The line of the role list. */
export function summaryOf({ rid, name, level }: RoleSummary): RoleSummary {
  return { rid, name, level }
}
