import { limits } from '@hydra/protocol'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { nameKeyChars } from '../migrations/0001-accounts-and-roles.ts'
import { nameKey } from './name-key.ts'

test('a key is its own key', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (name) => nameKey(nameKey(name)) === nameKey(name)))
})

test('case does not matter', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme-ascii' }),
      (name) => nameKey(name.toUpperCase()) === nameKey(name),
    ),
  )
})

test('the key of the longest name fits its column', () => {
  let longest = 0
  for (let code = 0; code <= 0x10_ff_ff; code++) {
    const character = String.fromCodePoint(code)
    longest = Math.max(longest, nameKey(character).length / character.length)
  }
  expect(longest * limits.roleNameMaxChars).toBeLessThanOrEqual(nameKeyChars)
})
