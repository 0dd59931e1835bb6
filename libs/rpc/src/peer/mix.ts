/** The finalizer of MurmurHash3: a bijection in which each input bit changes half of the output bits. */
export function mix(word: number): number {
  let value = word >>> 0
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}
