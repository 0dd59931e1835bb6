import type { ItemStack } from '@hydra/protocol'
import { withEntry } from '../ledger/ledger.ts'
import { toSnapshot } from '../role/role-data.ts'
import { newRole, type RoleState } from '../role/role.ts'
import type { Tables } from '../tables/tables.ts'
import type { GameFixture } from './game-fixture.ts'
import type { TestSession } from './test-gate.ts'

/** A new role that has been given something, which its ledger shows. */
export function roleWith(
  identity: Pick<RoleState, 'rid' | 'uid' | 'name'>,
  items: readonly ItemStack[],
  { tables, nowMs }: { readonly tables: Tables; readonly nowMs: number },
): RoleState {
  const entry = { reason: 'loot', ref: 'given-before', items } as const
  return withEntry(newRole(identity, nowMs), entry, { tables, nowMs })
}

/** A session of the account that owns a role, which is stored as it is; the role is not entered. */
export async function storedPlayer(
  fixture: GameFixture,
  role: RoleState,
): Promise<TestSession & { rid: string }> {
  await fixture.world.storage.roles.create(toSnapshot(role, 0), { maxPerAccount: 8 })
  return { ...(await fixture.gate.login(role.uid)), rid: role.rid }
}

/** Counts a kill of the day, as what belongs to a reward. */
export const withKillCounted = (role: RoleState): RoleState => ({
  ...role,
  daily: { ...role.daily, kills: role.daily.kills + 1 },
})
