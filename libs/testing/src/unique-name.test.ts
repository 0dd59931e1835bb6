import { describe, expect, test } from 'vitest'
import { uniqueName } from './unique-name.ts'

describe('uniqueName', () => {
  test('differs each time and fits MySQL, Redis, NATS and etcd', () => {
    const prefix = 'p'.repeat(32)
    const names = new Set(Array.from({ length: 100 }, () => uniqueName(prefix)))
    expect(names.size).toBe(100)
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_]{1,63}$/)
  })

  test.each(['', 'Upper', '1st', 'dash-ed', 'p'.repeat(33)])('refuses the prefix "%s"', (prefix) => {
    expect(() => uniqueName(prefix)).toThrow(expect.objectContaining({ code: 'ENVIRONMENT_WRONG' }))
  })
})
