import type { SceneEntity } from './entity.ts'

// FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/
const offsetBasis = 0x81_1c_9d_c5
const prime = 0x01_00_01_93

/**
 * One number for all that is in a cell: client and server have the same number when, but for a chance of one in four
 * thousand million, they have the same entities with the same components. Order does not matter.
 *
 * @example view.digest(cell) === cellDigest(state.entitiesIn(cell))
 */
export function cellDigest(entities: Iterable<SceneEntity>): number {
  let digest = 0
  // A sum, so that nobody has to sort; the id is part of each text, so that equal entities do not cancel out.
  for (const entity of entities) digest = (digest + hash(canonical(entity))) >>> 0
  return digest
}

const canonical = ({ i, k, p, n, r, l, h, s, q, o }: SceneEntity): string =>
  JSON.stringify([i, k, p, n, r, l, h, s, q, o])

function hash(text: string): number {
  let value = offsetBasis
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), prime)
  }
  return value >>> 0
}
