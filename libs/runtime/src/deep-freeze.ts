/**
 * Freezes a value of plain objects and lists with all that is in it, and answers it.
 *
 * @example const config = deepFreeze({ cluster: { env: 'dev' } })
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const inner of Object.values(value)) deepFreeze(inner)
  return Object.freeze(value)
}
