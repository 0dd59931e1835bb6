import { roleView } from '@hydra/protocol'
import { describe, expect, it } from 'vitest'
import { entered, looksDifferent, newRole, renamed, summaryOf, viewOf } from './role.ts'

const ada = newRole({ rid: 'r1', uid: 'u1', name: 'Ada' }, 1_000)

describe('a role', () => {
  it('starts at level 1 and was never entered', () => {
    expect(viewOf(ada)).toEqual({
      rid: 'r1',
      name: 'Ada',
      level: 1,
      exp: 0,
      createdAtMs: 1_000,
      lastEnterAtMs: 0,
      version: 0,
    })
  })

  it('notes when it was entered', () => {
    expect(entered(ada, 5_000)).toEqual({ ...ada, lastEnterAtMs: 5_000 })
    expect(ada.lastEnterAtMs).toBe(0)
  })

  it('takes another name, and stays the same value under the same name', () => {
    expect(renamed(ada, 'Grace')).toEqual({ ...ada, name: 'Grace' })
    expect(renamed(ada, 'Ada')).toBe(ada)
  })

  it('looks different to others by name and level, and by nothing else', () => {
    expect(looksDifferent(ada, renamed(ada, 'Grace'))).toBe(true)
    expect(looksDifferent(ada, { ...ada, level: 2 })).toBe(true)
    expect(looksDifferent(ada, { ...entered(ada, 5_000), exp: 7, settings: { volume: 1 } })).toBe(false)
  })

  it('is seen without its owner, in the form of the contract', () => {
    expect(roleView.strict().parse(viewOf(ada))).not.toHaveProperty('uid')
    expect(summaryOf(ada)).toEqual({ rid: 'r1', name: 'Ada', level: 1 })
  })
})
