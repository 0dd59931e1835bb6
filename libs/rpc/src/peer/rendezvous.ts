import { mix } from './mix.ts'

/**
 * FNV-1a over UTF-16 units, finished with a mixer. Source: http://www.isthe.com/chongo/tech/comp/fnv/
 * Every process must compute the same number, or two gates would send one player to two servers.
 */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return mix(hash)
}

/**
 * Highest random weight: each candidate gets a number from key and own hash, the largest wins. A candidate that
 * leaves hands on only its own keys, one that joins takes an equal share from each.
 * Source: Thaler and Ravishankar, "A Name-Based Mapping Scheme for Rendezvous", 1996.
 *
 * @example rendezvous(uid, [{ id: 'game-1', hash: hashText('game-1') }])
 */
export function rendezvous<C extends { readonly id: string; readonly hash: number }>(
  key: string,
  candidates: readonly C[],
): C | undefined {
  const keyHash = hashText(key)
  let best: C | undefined
  let bestWeight = -1
  for (const candidate of candidates) {
    const weight = mix(keyHash ^ candidate.hash)
    if (weight > bestWeight || (weight === bestWeight && best !== undefined && candidate.id < best.id)) {
      best = candidate
      bestWeight = weight
    }
  }
  return best
}
