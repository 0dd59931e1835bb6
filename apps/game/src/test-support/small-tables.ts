import type { ItemRow } from '../tables/rows.ts'
import type { Tables } from '../tables/tables.ts'

const items: readonly ItemRow[] = [
  { id: 'herb', name: 'Herb', stackMax: 20, price: 2 },
  { id: 'potion', name: 'Potion', stackMax: 10, price: 7, use: { health: 50 } },
  { id: 'scroll', name: 'Scroll', stackMax: 5, price: 30, use: { exp: 60 } },
  { id: 'purse', name: 'Purse', stackMax: 5, use: { gold: 25, gems: 1 } },
  { id: 'box', name: 'Box', stackMax: 3, price: 5, use: { items: [{ item: 'herb', count: 30 }], gold: 1 } },
  { id: 'mine', name: 'Gold mine', stackMax: 999_999, price: 1_000_000_000, use: { gold: 1_000_000_000 } },
  { id: 'keepsake', name: 'Keepsake', stackMax: 1 },
]

/** Tables that are small enough to be known by heart, for tests of rules. */
export const smallTables: Tables = {
  levels: [
    { level: 1, exp: 100, health: 100, attack: 10 },
    { level: 2, exp: 200, health: 120, attack: 12 },
    { level: 3, exp: 300, health: 140, attack: 14 },
    { level: 4, health: 160, attack: 16 },
  ],
  items: new Map(items.map((row) => [row.id, row])),
  monsters: new Map(),
  scenes: new Map(),
}
