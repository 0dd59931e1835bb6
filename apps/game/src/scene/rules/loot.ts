import { HydraError, type ScenePoint } from '@hydra/protocol'
import type { SceneSettings } from '../scene-settings.ts'
import type { SceneState } from '../state/scene-state.ts'
import { isWithin } from './geometry.ts'

/** What lies about, or is kept aside. */
interface Thing {
  /** Unique over all scenes; it stays the same when the thing is given back. */
  readonly lootId: string
  readonly item: string
  readonly count: number
  readonly at: ScenePoint
  readonly owner: string
  readonly reservedUntilMs: number
  readonly goneAtMs: number
}

/** Loot that was claimed: what may be put into a bag, once for this id. */
export interface Claimed {
  readonly lootId: string
  readonly item: string
  readonly count: number
}

/** What the loot of a scene needs. */
export interface LootOptions {
  readonly state: SceneState
  readonly settings: SceneSettings
}

/**
 * The loot of a scene. Each thing lies on the ground, or is claimed and kept aside, which nobody sees, or is gone. There
 * are at most `lootMax`: the oldest on the ground goes for a new one, and nothing new comes when all are claimed.
 */
export class Loot {
  readonly #state: SceneState
  readonly #settings: SceneSettings
  /** By entity, the oldest first. */
  readonly #ground = new Map<number, Thing>()
  /** By the entity that it was. */
  readonly #claimed = new Map<number, Thing & { readonly claimedBy: string }>()

  constructor({ state, settings }: LootOptions) {
    this.#state = state
    this.#settings = settings
  }

  /** How many things there are: on the ground, and kept aside. */
  get counts(): { readonly ground: number; readonly claimed: number } {
    return { ground: this.#ground.size, claimed: this.#claimed.size }
  }

  /** Lets something fall, for the one who has earned it. */
  drop({ item, count, at, owner }: Pick<Thing, 'item' | 'count' | 'at' | 'owner'>, nowMs: number): void {
    if (this.#claimed.size >= this.#settings.lootMax) return
    const { lootReservedMs, lootMs } = this.#settings
    const until = { reservedUntilMs: nowMs + lootReservedMs, goneAtMs: nowMs + lootMs }
    this.#lay({ item, count, at, owner, ...until })
  }

  /**
   * Takes something off the ground, for a role at `from`, and keeps it aside until {@link settle} or {@link giveBack}.
   *
   * @throws HydraError `TARGET_NOT_FOUND`, also when it is claimed already; `TARGET_INVALID` for what is no loot;
   * `OUT_OF_REACH`, `LOOT_RESERVED`.
   */
  claim(rid: string, from: ScenePoint, id: number, nowMs: number): Claimed {
    const thing = this.#ground.get(id)
    if (thing === undefined) {
      if (this.#state.get(id) === undefined) {
        throw new HydraError('TARGET_NOT_FOUND', 'This loot is not there, or not any more.')
      }
      throw new HydraError('TARGET_INVALID', 'Only loot can be picked up.')
    }
    if (!isWithin(from, thing.at, this.#settings.reach)) {
      throw new HydraError('OUT_OF_REACH', 'The loot is too far away; go nearer.')
    }
    const inMs = Math.ceil(thing.reservedUntilMs - nowMs)
    if (thing.owner !== rid && inMs > 0) {
      throw new HydraError('LOOT_RESERVED', `The loot belongs to another role for ${inMs} ms.`, {
        metadata: { inMs },
      })
    }
    this.#ground.delete(id)
    this.#state.remove(id)
    this.#claimed.set(id, { ...thing, claimedBy: rid })
    const { lootId, item, count } = thing
    return { lootId, item, count }
  }

  /** What was claimed is in a bag. Nothing happens when it is not claimed. */
  settle(id: number): void {
    this.#claimed.delete(id)
  }

  /**
   * What was claimed is in no bag: it lies on the ground again, as another entity, reserved for the same role; it is gone
   * when it would have been. Nothing happens when it is not claimed.
   *
   * @param isInDoubt it may be in that role's bag all the same: then nobody else gets it, ever
   */
  giveBack(id: number, nowMs: number, isInDoubt = false): void {
    const thing = this.#claimed.get(id)
    if (thing === undefined) return
    this.#claimed.delete(id)
    const { claimedBy, lootId, ...rest } = thing
    const reservedUntilMs = isInDoubt ? thing.goneAtMs : nowMs + this.#settings.lootReservedMs
    this.#lay({ ...rest, owner: claimedBy, reservedUntilMs }, lootId)
  }

  /** What has lain long enough goes, and what was reserved long enough is anybody's. */
  step(nowMs: number): void {
    for (const [id, { goneAtMs, reservedUntilMs }] of this.#ground) {
      if (nowMs >= goneAtMs) this.#vanish(id)
      else if (nowMs >= reservedUntilMs) this.#state.change(id, { o: null })
    }
  }

  #lay(thing: Omit<Thing, 'lootId'>, lootId?: string): void {
    const [oldest] = this.#ground.keys()
    if (oldest !== undefined && this.#ground.size + this.#claimed.size >= this.#settings.lootMax) {
      this.#vanish(oldest)
    }
    const { item, count, at, owner } = thing
    const { i } = this.#state.add({ k: 'l', p: [...at], n: item, q: count, o: owner })
    this.#ground.set(i, { ...thing, lootId: lootId ?? `${this.#state.key.toString(36)}-${i}` })
  }

  #vanish(id: number): void {
    this.#ground.delete(id)
    this.#state.remove(id)
  }
}
