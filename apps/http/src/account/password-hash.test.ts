import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodePasswordHash, encodePasswordHash, workOf } from './password-hash.ts'

const parameters = fc.record({
  costLog2: fc.integer({ min: 1, max: 22 }),
  blockSize: fc.integer({ min: 1, max: 32 }),
  parallelism: fc.integer({ min: 1, max: 32 }),
})
const bytes = (min: number) => fc.uint8Array({ minLength: min, maxLength: 64 })

describe('password hash', () => {
  test('has the PHC string form', () => {
    const hash = {
      parameters: { costLog2: 15, blockSize: 8, parallelism: 3 },
      salt: new Uint8Array(16),
      key: new Uint8Array(32),
    }
    expect(encodePasswordHash(hash)).toBe(`$scrypt$ln=15,r=8,p=3$${'A'.repeat(22)}$${'A'.repeat(43)}`)
  })

  test('comes back from its text, which fits its column', () => {
    fc.assert(
      fc.property(parameters, bytes(16), bytes(32), (cost, salt, key) => {
        const text = encodePasswordHash({ parameters: cost, salt, key })
        const decoded = decodePasswordHash(text)
        expect(decoded.parameters).toEqual(cost)
        expect(Buffer.from(decoded.salt).equals(salt)).toBe(true)
        expect(Buffer.from(decoded.key).equals(key)).toBe(true)
        expect(text.length).toBeLessThanOrEqual(512)
      }),
    )
  })

  test.each(['', 'plain text', '$scrypt$ln=15,r=8,p=3$$', '$2b$10$abcdefghijklmnopqrstuv'])(
    'refuses %j',
    (text) => {
      expect(() => decodePasswordHash(text)).toThrow('unknown form')
    },
  )

  test('does not quote what it refuses', () => {
    expect(() => decodePasswordHash('hunter2')).toThrow(/^(?!.*hunter2)/)
  })

  test('counts work', () => {
    expect(workOf({ costLog2: 15, blockSize: 8, parallelism: 3 })).toBe(2 ** 15 * 24)
  })
})
