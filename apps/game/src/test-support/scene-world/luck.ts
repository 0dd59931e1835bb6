import type { Random } from '../../scene/rules/dice.ts'
import { seeded } from '../scene-fixture.ts'

/** Draws of a test, the same for the same seed. */
export class Luck {
  /** From 0 to 1, without 1. */
  readonly next: Random

  constructor(seed: number) {
    this.next = seeded(seed)
  }

  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1))
  }

  /** Whether something of this probability happens. */
  happens(chance: number): boolean {
    return this.next() < chance
  }

  one<T>(list: readonly T[]): T | undefined {
    return list[this.int(0, list.length - 1)]
  }
}
