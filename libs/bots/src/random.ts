/**
 * Numbers in [0, 1), the same ones for the same seed, so that a run can be repeated (mulberry32).
 *
 * @example const random = seededRandom(7); const side = random() < 0.5 ? 'left' : 'right'
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A seed of its own for the n-th part of something that has a seed: neighbours have nothing in common. */
export function seedOf(seed: number, n: number): number {
  // Two rounds of the finalizer of MurmurHash3: one leaves seeds close together that differ in few bits.
  return finalized(finalized(seed >>> 0) + Math.imul(n + 1, 0x9e3779b1))
}

function finalized(value: number): number {
  let mixed = value >>> 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** One of the items. @throws RangeError when there is none. */
export function oneAmong<T>(items: readonly T[], random: () => number): T {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new RangeError('There is nothing to choose from.')
  return item
}
