import { HydraError } from '@hydra/protocol'
import type { RoleState } from '../role/role.ts'
import type { Tables } from '../tables/tables.ts'

/** Most experience that may be gained on one level; only on the last one can so much gather. */
export const expMax = 1_000_000_000_000

/**
 * The role after gaining experience, and with the levels that this leads to. `role.exp` is what was gained on the
 * present level. On the last level it goes on counting: nothing that was gained is lost, and when the table gets
 * further levels, the next gain leads there. So `expTotal` is the sum of all gains on whatever level.
 *
 * A level above the table's last, of a table that was longer once, stays as it is.
 *
 * @throws HydraError `BALANCE_TOO_HIGH` when more than {@link expMax} would be gained on one level.
 *
 * @example withExp({ ...role, level: 1, exp: 90 }, 20, [{ level: 1, exp: 100, … }, …]) // level 2, exp 10
 */
export function withExp(role: RoleState, gained: number, levels: Tables['levels']): RoleState {
  let { level } = role
  let exp = role.exp + gained
  for (let needed = expOf(level, levels); exp >= needed; needed = expOf(level, levels)) {
    exp -= needed
    level++
  }
  if (exp > expMax) {
    throw new HydraError('BALANCE_TOO_HIGH', `A role gains at most ${expMax} experience on one level.`, {
      metadata: { asset: 'exp', max: expMax },
    })
  }
  return { ...role, level, exp }
}

/** All experience that a role which began at level 1 has ever gained; the sum of `exp` in its ledger. */
export function expTotal({ level, exp }: Pick<RoleState, 'level' | 'exp'>, levels: Tables['levels']): number {
  return levels.slice(0, level - 1).reduce((sum, row) => sum + (row.exp ?? 0), exp)
}

/** What leads from a level to the next; no number of the last one. */
function expOf(level: number, levels: Tables['levels']): number {
  return level < levels.length ? (levels[level - 1]?.exp ?? Infinity) : Infinity
}
