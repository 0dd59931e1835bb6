import { HydraError, limits } from '@hydra/protocol'
import type { RoleState } from '../role/role.ts'

/** Which operations of a role's player were made: the numbers of the latest, so that none is made twice. */
export type Operations = Readonly<{
  /** The largest number that was made. */
  last: number
  /** Those that were made, above `last - limits.operationsKept`, ascending. */
  made: readonly number[]
}>

/** Of a role whose player has done nothing yet. */
export const noOperations: Operations = Object.freeze({ last: 0, made: [] })

/**
 * The role with an operation noted as made. To be part of the same change as what the operation does, so that both are
 * stored or neither is. A sliding window, as against replayed packets: numbers may arrive in another order, or be left
 * out; none is made twice.
 *
 * @throws HydraError `OPERATION_REPEATED` when it was made before; `OPERATION_TOO_OLD` when it lies so far below the
 * last one that nobody remembers; `OPERATION_TOO_FAR` when it lies so far above it that the client must be wrong. All
 * of them have `metadata.lastOperation`.
 *
 * @example
 * role.changeDurably((state) => withEntry(withOperation(state, operation), entry, deps))
 */
export function withOperation(role: RoleState, operation: number): RoleState {
  const { last, made } = role.operations
  const metadata = { operation, lastOperation: last }
  if (operation <= last - limits.operationsKept) {
    throw new HydraError(
      'OPERATION_TOO_OLD',
      `Operation ${operation} is too old to know whether it was made; the last one is ${last}: read the bag again.`,
      { metadata },
    )
  }
  if (operation > last + limits.operationStepMax) {
    throw new HydraError(
      'OPERATION_TOO_FAR',
      `Operation ${operation} is too far above the last one, ${last}; number on from there.`,
      { metadata },
    )
  }
  if (made.includes(operation)) {
    throw new HydraError(
      'OPERATION_REPEATED',
      `Operation ${operation} was made before; nothing was done now.`,
      {
        metadata,
      },
    )
  }
  const newLast = Math.max(last, operation)
  const kept = made.filter((number) => number > newLast - limits.operationsKept)
  return { ...role, operations: { last: newLast, made: [...kept, operation].toSorted((a, b) => a - b) } }
}
