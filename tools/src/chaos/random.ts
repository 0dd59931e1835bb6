/** Numbers in [0, 1), the same ones for the same seed, so that a run can be repeated (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The items in another order (Fisher-Yates). */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const rest = [...items]
  return Array.from(items, () => rest.splice(Math.floor(random() * rest.length), 1)).flat()
}
