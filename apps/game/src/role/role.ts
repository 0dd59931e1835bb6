import type { RoleSettings, RoleSummary, RoleView } from '@hydra/protocol'
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
  /** Counts the changes; the actor sets it, rules leave it alone. */
  readonly version: number
}

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
