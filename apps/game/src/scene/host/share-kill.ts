import type { Kill } from '../scene.ts'

/** What one role gets for a kill. */
export interface KillShare {
  readonly rid: string
  readonly exp: number
  readonly gold: number
}

/** Each further member of a team that shares in a kill makes it worth so much more. */
const teamBonus = 0.1

/**
 * Divides a kill: the gold is the killer's; the experience is shared by those of its team who are near, and grows with
 * their number, so that being together pays. `team` may name the killer or not, and members that are elsewhere.
 */
export function sharesOf(
  { byRid, nearby, exp, gold }: Pick<Kill, 'byRid' | 'nearby' | 'exp' | 'gold'>,
  team: readonly string[],
): readonly KillShare[] {
  const near = new Set(nearby)
  const sharing = [...new Set([byRid, ...team.filter((rid) => near.has(rid))])]
  const total = exp * (1 + teamBonus * (sharing.length - 1))
  // Sums of fractions: what is a whole number must not be rounded up for the last bit.
  const each = Math.ceil(total / sharing.length - 1e-9)
  return sharing.map((rid) => ({ rid, exp: each, gold: rid === byRid ? gold : 0 }))
}
