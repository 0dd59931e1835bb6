import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { coerce, knownVariables, nearest, variablesOf } from './config-env.ts'
import { configFields } from './config-fields.ts'

describe('variablesOf', () => {
  test('turns camelCase into SCREAMING_SNAKE, the service first', () => {
    expect(variablesOf('gate', ['cluster', 'leaseTtlSeconds'])).toEqual([
      'HYDRA_GATE_CLUSTER_LEASE_TTL_SECONDS',
      'HYDRA_CLUSTER_LEASE_TTL_SECONDS',
    ])
  })

  test('knows the short name of the mode', () => {
    expect(variablesOf('gate', ['service', 'mode'])).toContain('HYDRA_MODE')
  })
})

describe('knownVariables', () => {
  test('refuses a schema in which one variable would set two keys', () => {
    const schema = z.strictObject({
      a: z.strictObject({ bC: z.string() }),
      aB: z.strictObject({ c: z.string() }),
    })
    expect(() => knownVariables('gate', configFields(schema))).toThrow('HYDRA_GATE_A_B_C')
  })
})

describe('coerce', () => {
  const kinds = (...names: ('string' | 'number' | 'boolean' | 'list')[]) => new Set(names)

  test.each([
    ['42', kinds('number'), 42],
    ['-1.5', kinds('number'), -1.5],
    ['1e3', kinds('number'), 1_000],
    ['true', kinds('boolean'), true],
    ['false', kinds('boolean'), false],
    ['', kinds('string'), ''],
    ['42', kinds('string'), '42'],
    ['42', kinds('string', 'number'), 42],
    ['off', kinds('string', 'number'), 'off'],
  ])('%j becomes %o → %j', (text, allowed, value) => {
    expect(coerce(text, allowed, kinds())).toEqual({ value })
  })

  test.each(['a, b,,c', 'a,b,c,'])('%j becomes a list', (text) => {
    expect(coerce(text, kinds('list'), kinds('string'))).toEqual({ value: ['a', 'b', 'c'] })
  })

  test('an empty text is an empty list', () => {
    expect(coerce('', kinds('list'), kinds('string'))).toEqual({ value: [] })
  })

  test('lists have elements of their type', () => {
    expect(coerce('1,2', kinds('list'), kinds('number'))).toEqual({ value: [1, 2] })
    expect(coerce('1,x', kinds('list'), kinds('number'))).toMatchObject({
      expected: expect.stringContaining('a number'),
    })
  })

  test.each([
    ['', 'number'],
    ['0x10', 'number'],
    ['Infinity', 'number'],
    ['1 2', 'number'],
    ['yes', 'boolean'],
    ['TRUE', 'boolean'],
  ] as const)('%j is no %s', (text, kind) => {
    expect(coerce(text, kinds(kind), kinds())).toHaveProperty('expected')
  })
})

describe('nearest', () => {
  test('finds what was meant, and nothing when nothing comes close', () => {
    expect(nearest('HYDRA_GATE_LOG_LEVL', ['HYDRA_GATE_LOG_LEVEL', 'HYDRA_GATE_OPS_PORT'])).toBe(
      'HYDRA_GATE_LOG_LEVEL',
    )
    expect(nearest('colour', ['natsServers'])).toBeUndefined()
  })
})
