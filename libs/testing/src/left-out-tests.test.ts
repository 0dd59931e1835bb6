import { describe, expect, test } from 'vitest'
import { leftOutTests } from './left-out-tests.ts'

describe('leftOutTests', () => {
  test('embedded mode leaves out the tests that start servers', () => {
    expect(leftOutTests({ HYDRA_TEST_BACKENDS: 'embedded' })).toEqual(['**/*.servers.test.ts'])
  })

  test('so does a machine that lacks a program, even when all urls are given', () => {
    expect(leftOutTests({ HYDRA_TEST_SERVER_PATH: '/nowhere' })).toEqual(['**/*.servers.test.ts'])
  })
})
