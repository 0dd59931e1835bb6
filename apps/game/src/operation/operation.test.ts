import { HydraError, limits } from '@hydra/protocol'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newRole, type RoleState } from '../role/role.ts'
import { withOperation } from './operation.ts'

const ada = newRole({ rid: 'r1', uid: 'u1', name: 'Ada' }, 1_000)
const made = (...numbers: number[]) => numbers.reduce(withOperation, ada)
const refusal = (role: RoleState, number: number) => {
  try {
    withOperation(role, number)
    return undefined
  } catch (error) {
    return HydraError.from(error).code
  }
}

describe('operations', () => {
  it('are made once, in whatever order they arrive', () => {
    const role = made(3, 1, 2)
    expect(role.operations).toEqual({ last: 3, made: [1, 2, 3] })
    for (const number of [1, 2, 3]) expect(refusal(role, number)).toBe('OPERATION_REPEATED')
    expect(ada.operations).toEqual({ last: 0, made: [] })
  })

  it('are refused when they lie too far below the last one, or above', () => {
    const role = made(1_000)
    expect(refusal(role, 1_000 - limits.operationsKept)).toBe('OPERATION_TOO_OLD')
    expect(refusal(role, 1_000 - limits.operationsKept + 1)).toBeUndefined()
    expect(refusal(role, 1_000 + limits.operationStepMax)).toBeUndefined()
    expect(refusal(role, 1_001 + limits.operationStepMax)).toBe('OPERATION_TOO_FAR')
    expect(refusal(role, Number.MAX_SAFE_INTEGER)).toBe('OPERATION_TOO_FAR')
  })

  it('say where the numbers stand', () => {
    expect(() => withOperation(made(7), 7)).toThrow(
      expect.objectContaining({ metadata: { operation: 7, lastOperation: 7 } }),
    )
  })

  it('are never made twice, and are remembered in a bounded list', () => {
    const jump = fc.oneof(fc.integer({ min: -80, max: 20 }), fc.integer({ min: 900, max: 1_100 }))
    fc.assert(
      fc.property(fc.array(jump, { maxLength: 200 }), (jumps) => {
        let role = ada
        const before = new Set<number>()
        for (const by of jumps) {
          const number = Math.max(1, role.operations.last + by)
          if (refusal(role, number) !== undefined) continue
          expect(before.has(number)).toBe(false)
          before.add(number)
          role = withOperation(role, number)
          expect(role.operations.made.length).toBeLessThanOrEqual(limits.operationsKept)
          expect(role.operations.last).toBe(Math.max(...before))
        }
      }),
    )
  })
})
