import type { ScenePoint } from '@hydra/protocol'
import type { MonsterRow } from '../../tables/rows.ts'
import { between, type Random } from './dice.ts'

/** The death of a monster, and what it is worth. */
export interface Kill {
  /** Unique over all scenes and servers. */
  readonly killId: string
  /** Id of the monster's row. */
  readonly monster: string
  readonly at: ScenePoint
  /** Who hit last. */
  readonly byRid: string
  /** Everybody who has hurt it and is still in the scene; `byRid` among them. */
  readonly rids: readonly string[]
  /** Players near enough to share, alive; also those who did nothing. */
  readonly nearby: readonly string[]
  readonly exp: number
  readonly gold: number
}

/** What falls from a monster: each row of its table by its own chance. */
export function lootOf(row: MonsterRow, random: Random): readonly { item: string; count: number }[] {
  return row.loot.flatMap(({ item, chance, count }) =>
    random() < chance ? [{ item, count: between(count.min, count.max, random) }] : [],
  )
}
