import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newRole } from '../role/role.ts'
import { smallTables } from '../test-support/small-tables.ts'
import { expMax, expTotal, withExp } from './progress.ts'

const ada = newRole({ rid: 'r1', uid: 'u1', name: 'Ada' }, 1_000)
const { levels } = smallTables
const gained = (exp: number) => {
  const role = withExp(ada, exp, levels)
  return [role.level, role.exp]
}

describe('experience', () => {
  it('gathers on a level, and leads to the next, or over several', () => {
    expect(gained(99)).toEqual([1, 99])
    expect(gained(100)).toEqual([2, 0])
    expect(gained(299)).toEqual([2, 199])
    expect(gained(350)).toEqual([3, 50])
  })

  it('goes on counting on the last level, up to a bound', () => {
    expect(gained(600)).toEqual([4, 0])
    expect(gained(1_000)).toEqual([4, 400])
    expect(gained(600 + expMax)).toEqual([4, expMax])
    expect(() => gained(601 + expMax)).toThrow(expect.objectContaining({ code: 'BALANCE_TOO_HIGH' }))
  })

  it('leads on when the table has become longer, and takes no level away when it has become shorter', () => {
    const role = withExp(ada, 1_000, levels)
    const longer = [
      ...levels.slice(0, 3),
      { level: 4, exp: 300, health: 1, attack: 1 },
      { level: 5, health: 1, attack: 1 },
    ]
    expect(withExp(role, 1, longer)).toMatchObject({ level: 5, exp: 101 })
    expect(withExp(role, 1, levels.slice(0, 2))).toMatchObject({ level: 4, exp: 401 })
  })

  it('is never lost or made, however it is gained', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(400), { maxLength: 20 }), (gains) => {
        const role = gains.reduce((state, exp) => withExp(state, exp, levels), ada)
        const total = gains.reduce((sum, exp) => sum + exp, 0)
        expect(expTotal(role, levels)).toBe(total)
        expect(withExp(ada, total, levels)).toEqual(role)
      }),
    )
  })
})
