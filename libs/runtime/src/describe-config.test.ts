import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { describeConfig, type ConfigKey } from './describe-config.ts'
import { secretList } from './secret.ts'

const keyOf = (key: string, schema: z.ZodType): ConfigKey | undefined => {
  const section = z.strictObject({ [key]: schema }).describe('Of a test.')
  return describeConfig(z.strictObject({ test: section.prefault({}) }))[0]?.keys[0]
}

describe('a key', () => {
  test('has description, unit, default and range', () => {
    expect(keyOf('waitMs', z.int().min(1).max(60).default(5).describe('How long.'))).toEqual({
      key: 'waitMs',
      description: 'How long.',
      unit: 'ms',
      default: 5,
      allowed: '1–60',
    })
  })

  test('has the unit, the example and the default that its schema names', () => {
    const host = z.string().default('of this machine')
    const meta = { unit: 'm', example: 'play1', defaultText: "the machine's name", allowed: 'names' }
    expect(keyOf('waitMs', host.meta(meta).describe('Where.'))).toEqual({
      key: 'waitMs',
      description: 'Where.',
      ...meta,
    })
  })

  test('has no default when it may be absent', () => {
    expect(keyOf('file', z.string().optional().describe('Which.'))).toEqual({
      key: 'file',
      description: 'Which.',
      allowed: 'text',
    })
  })

  test.each([
    [z.boolean(), 'true, false'],
    [z.enum(['a', 'b']), '"a", "b"'],
    [z.number().min(1).max(1.5), '1–1.5'],
    [z.int(), ''],
    [z.int().positive(), '1 or more'],
    [z.int().max(3), 'up to 3'],
    [z.url({ protocol: /^redis$/ }), 'URL'],
    [z.array(z.string()), 'list of text'],
    [z.array(z.int().min(1).max(9)).min(1).max(4), 'list of 1–9 (1–4)'],
    [z.array(z.int()).min(1), 'list of values (1 or more)'],
    [z.string().transform((text) => text.length), 'text'],
    [z.string().min(1), 'non-empty text'],
    [z.string().min(2).max(16), 'text of 2–16 characters'],
    [z.string().max(16).optional(), 'text of up to 16 characters'],
    [secretList('x'.repeat(32)), 'list of text of 32 or more characters (1–4)'],
  ])('takes what its schema takes: %#', (schema, allowed) => {
    expect(keyOf('key', schema.describe('Something.'))?.allowed).toBe(allowed)
  })
})

test('sections keep their descriptions through refinements, and the order of the schema', () => {
  const section = (about: string) =>
    z
      .strictObject({
        b: z.int().default(1).describe('B is it.'),
        a: z.int().default(2).describe('A is it.'),
      })
      .refine(({ a, b }) => a > b)
      .describe(about)
      .prefault({})
  const schema = z.strictObject({ z: section('Last.'), y: section('First.') }).refine(() => true)
  expect(describeConfig(schema)).toMatchObject([
    { name: 'z', description: 'Last.', keys: [{ key: 'b' }, { key: 'a' }] },
    { name: 'y', description: 'First.' },
  ])
})

describe('what is not described is refused', () => {
  const full = z.int().default(1).describe('How many.')
  const problemOf = (key: z.ZodType, about?: string) => () => {
    const section = z.strictObject({ full, key })
    return describeConfig(z.strictObject({ test: about === undefined ? section : section.describe(about) }))
  }

  test.each([
    ['without a description', z.int()],
    ['described without a sentence', z.int().describe('how many')],
    ['described by its name', z.int().describe('Key.')],
  ])('a key %s', (_, key) => {
    expect(problemOf(key, 'Of a test.')).toThrow(/^\[test\] key: not described\. End .*\.describe\('/)
  })

  test('a section; all are named at once', () => {
    expect(problemOf(z.int())).toThrow('[test] key, section [test]: not described.')
  })

  test('a key that is not in a section, and a section in a section', () => {
    expect(() => describeConfig(z.strictObject({ full }))).toThrow('"full" is not a key of a section')
    const inner = z.strictObject({ inner: z.strictObject({ full }) })
    expect(() => describeConfig(z.strictObject({ outer: inner }))).toThrow('"outer.inner.full" is not a key')
  })
})
