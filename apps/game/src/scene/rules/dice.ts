/** A random source: 0 to 1, without 1. */
export type Random = () => number

/**
 * A whole number between two, both included.
 *
 * @example between(1, 6, Math.random)
 */
export const between = (min: number, max: number, random: Random): number =>
  min + Math.floor(random() * (max - min + 1))

/** Damage of a hit: the attack, less or more `spread` of it, whole, and at least 1. */
export const damageOf = (attack: number, spread: number, random: Random): number =>
  Math.max(1, Math.round(attack * (1 - spread + 2 * spread * random())))
