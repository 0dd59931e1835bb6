import type { RoleRule } from '@hydra/persistence'
import type { RoleState } from '../role/role.ts'

/** A role during one job of its mailbox: nobody else reads or changes it meanwhile. Not to be kept after the job. */
export interface RoleTurn {
  readonly state: RoleState
  /**
   * Applies a rule. Resolves with the new state when it is safe from a crash; until then, and when storing fails,
   * {@link state} stays what it was. For routes listed in `[role] ackInMemory` it resolves at once instead, and a crash
   * of this server within the next moments may cost the change.
   *
   * @throws HydraError `SERVER_BUSY`, `STORAGE_UNAVAILABLE`, `ROLE_ELSEWHERE`, `PAYLOAD_TOO_LARGE`.
   */
  change(rule: RoleRule<RoleState>): Promise<RoleState>
  /** {@link change} that is safe when it resolves whatever the configuration says: for what goes with other data. */
  changeDurably(rule: RoleRule<RoleState>): Promise<RoleState>
}
