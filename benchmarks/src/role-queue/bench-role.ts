import type { RoleSnapshot } from '@hydra/persistence'

/** A role as the actor of a game server holds it: the one that numbers its changes. */
export class BenchRole {
  #snapshot: RoleSnapshot

  /** From what was loaded. */
  constructor(snapshot: RoleSnapshot) {
    this.#snapshot = snapshot
  }

  get rid(): string {
    return this.#snapshot.rid
  }

  /** Of the newest change. */
  get version(): number {
    return this.#snapshot.version
  }

  /** The next state: as after a fight, a few values of the role are others. */
  change(): RoleSnapshot {
    const { data, version } = this.#snapshot
    const next = version + 1
    this.#snapshot = {
      ...this.#snapshot,
      version: next,
      level: 1 + (next % 100),
      data: { ...data, exp: 1_000_000 + next, gold: 5_000_000 - (next % 1_000_000) },
    }
    return this.#snapshot
  }
}

/** The state that a role begins with, about 1 KB as JSON. */
export function newRole(index: number): RoleSnapshot {
  const rid = `role-${String(index).padStart(8, '0')}`
  const item = (slot: number) => ({
    id: `item-${index}-${slot}`,
    kind: 1_000 + slot,
    count: slot,
    bound: true,
  })
  return {
    rid,
    uid: `account-${index}`,
    name: `Bench ${index}`,
    level: 1,
    epoch: 0,
    version: 0,
    schema: 1,
    data: {
      exp: 1_000_000,
      gold: 5_000_000,
      place: { map: 'harbour', x: 120.5, y: 88.25, facing: 3 },
      stats: { strength: 12, agility: 9, wits: 15, luck: 4, health: 880, healthMax: 1_000 },
      bag: Array.from({ length: 12 }, (_, slot) => item(slot)),
      quests: [{ id: 'rats-in-the-cellar', step: 3, done: false }],
      greeting: 'Café, 你好',
    },
  }
}
