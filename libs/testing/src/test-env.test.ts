import { describe, expect, test } from 'vitest'
import { isEmbedded } from './test-env.ts'

describe('isEmbedded', () => {
  test.each([
    [undefined, false],
    ['', false],
    ['real', false],
    ['embedded', true],
  ])('%o gives %o', (value, expected) => {
    expect(isEmbedded({ HYDRA_TEST_BACKENDS: value })).toBe(expected)
  })

  test('another value is refused by name, not taken for one of the two', () => {
    expect(() => isEmbedded({ HYDRA_TEST_BACKENDS: 'Embedded' })).toThrow(
      expect.objectContaining({
        code: 'ENVIRONMENT_WRONG',
        message: expect.stringContaining('"Embedded"'),
      }),
    )
  })
})
