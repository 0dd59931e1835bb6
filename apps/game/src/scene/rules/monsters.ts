import { HydraError } from '@hydra/protocol'
import type { MonsterRow } from '../../tables/rows.ts'
import { Monster, type MonsterWorld, type SpawnRow } from './monster.ts'

/** A monster that failed, and is out of the scene until it appears anew. */
export interface SceneFault {
  /** Id of its row. */
  readonly monster: string
  readonly error: unknown
}

/** One that died: its corpse goes, and another one comes, when it is time. */
interface Fallen {
  readonly monster: Monster
  readonly corpseGoesAtMs: number
  readonly nextComesAtMs: number
}

/** What the monsters of a scene need. */
export interface MonstersOptions {
  readonly world: MonsterWorld
  readonly rows: ReadonlyMap<string, MonsterRow>
  readonly spawns: readonly SpawnRow[]
  /** The cells that somebody could see. */
  readonly cellsInView: () => Iterable<number>
}

/**
 * The monsters of a scene. Those in cells that no player could see sleep: they do not move and cost nothing, but for those
 * that chase, go home or recover, which first come to rest. So a monster notices nobody farther away than the cells
 * around its own, whatever its sight.
 *
 * There are never more than the spawns say, corpses included; each life is an entity of its own.
 */
export class Monsters {
  readonly #options: MonstersOptions
  readonly #byEntity = new Map<number, Monster>()
  readonly #busy = new Set<Monster>()
  #fallen: Fallen[] = []

  constructor(options: MonstersOptions, nowMs: number) {
    this.#options = options
    for (const spawn of options.spawns) {
      for (let count = 0; count < spawn.count; count++) this.#appear(spawn, nowMs)
    }
  }

  /** @throws HydraError `TARGET_NOT_FOUND`; `TARGET_INVALID` for a corpse, and for what is no monster. */
  target(id: number): Monster {
    const monster = this.#byEntity.get(id)
    if (monster === undefined) {
      if (this.#options.world.state.get(id) === undefined) {
        throw new HydraError('TARGET_NOT_FOUND', 'The target is not in the scene, or not any more.')
      }
      throw new HydraError('TARGET_INVALID', 'Only monsters can be attacked.')
    }
    if (monster.body.isDead) throw new HydraError('TARGET_INVALID', 'The monster is dead.')
    return monster
  }

  /** Notes that a monster was hit, so that it acts wherever it is. */
  roused(monster: Monster): void {
    this.#busy.add(monster)
  }

  /** A monster has died: it lies about for a moment, and another one will come. */
  died(monster: Monster, nowMs: number): void {
    monster.body.change({ s: 'd' })
    this.#fall(monster, nowMs, this.#options.world.settings.corpseMs)
  }

  /** A role has left the scene. */
  forget(rid: string): void {
    for (const monster of this.#busy) monster.forget(rid)
  }

  /** One tick: corpses go, others come, and those that are awake act. One that fails is taken out, and is answered. */
  step(nowMs: number): readonly SceneFault[] {
    const faults: SceneFault[] = []
    this.#replaceFallen(nowMs, faults)
    for (const monster of this.#awake()) {
      try {
        monster.act(nowMs)
        if (monster.isBusy) this.#busy.add(monster)
        else this.#busy.delete(monster)
      } catch (error) {
        // The others go on: a scene without one monster is better than no scene.
        this.#remove(monster)
        this.#fall(monster, nowMs, 0)
        faults.push({ monster: monster.row.id, error })
      }
    }
    return faults
  }

  #awake(): Set<Monster> {
    const awake = new Set(this.#busy)
    for (const cell of this.#options.cellsInView()) {
      for (const { i, k } of this.#options.world.state.entitiesIn(cell)) {
        const monster = k === 'm' ? this.#byEntity.get(i) : undefined
        if (monster !== undefined && !monster.body.isDead) awake.add(monster)
      }
    }
    return awake
  }

  #appear(spawn: SpawnRow, nowMs: number): void {
    const row = this.#options.rows.get(spawn.monster)
    if (row === undefined) {
      throw new HydraError('INTERNAL', `The table of monsters has no "${spawn.monster}", which a scene has.`)
    }
    const monster = new Monster(row, spawn, this.#options.world, nowMs)
    this.#byEntity.set(monster.body.id, monster)
  }

  #fall(monster: Monster, nowMs: number, corpseMs: number): void {
    const { respawnMs } = monster.spawn
    this.#busy.delete(monster)
    this.#fallen.push({
      monster,
      corpseGoesAtMs: nowMs + Math.min(corpseMs, respawnMs),
      nextComesAtMs: nowMs + respawnMs,
    })
  }

  #replaceFallen(nowMs: number, faults: SceneFault[]): void {
    const fallen = this.#fallen
    this.#fallen = []
    for (const { monster, corpseGoesAtMs, nextComesAtMs } of fallen) {
      if (nowMs >= corpseGoesAtMs) this.#remove(monster)
      if (nowMs < nextComesAtMs) {
        this.#fallen.push({ monster, corpseGoesAtMs, nextComesAtMs })
        continue
      }
      try {
        this.#appear(monster.spawn, nowMs)
      } catch (error) {
        this.#fall(monster, nowMs, 0)
        faults.push({ monster: monster.row.id, error })
      }
    }
  }

  #remove(monster: Monster): void {
    this.#byEntity.delete(monster.body.id)
    monster.body.remove()
  }
}
