import { limits } from '../limits.ts'

/**
 * Indexes contracts by name or by code.
 *
 * @throws Error when two share a key, RangeError when a code does not fit u16. Both at import, so that a mistake in
 * the contracts never reaches a running server.
 */
export function indexUnique<T extends { name: string }>(
  contracts: readonly T[],
  keyOf: (contract: T) => string | number,
) {
  const index = new Map<string | number, T>()
  for (const contract of contracts) {
    const key = keyOf(contract)
    const other = index.get(key)
    if (other !== undefined)
      throw new Error(`${contract.name} and ${other.name} share "${key}"; give one another.`)
    if (typeof key === 'number' && !(Number.isInteger(key) && key >= 1 && key <= limits.routeCodeMax)) {
      throw new RangeError(`${contract.name}: the code ${key} does not fit u16.`)
    }
    index.set(key, contract)
  }
  return index
}
