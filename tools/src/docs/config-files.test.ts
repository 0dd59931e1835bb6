import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { configFile } from './config-file.ts'
import { configReference, withConfigReference } from './config-reference.ts'
import type { ConfiguredService } from './config-services.ts'
import { readableAmount } from './readable-amount.ts'
import { tomlValue } from './toml-value.ts'

const ops = (port: number) =>
  z
    .strictObject({
      port: z.int().min(0).default(port).describe('Where it is served.'),
      kind: z.enum(['a', 'b']).default('a').describe('Which `kind` it is.'),
    })
    .describe('For operators.')
    .prefault({})
const drain = (key: string) =>
  z
    .strictObject({ [key]: z.int().default(60_000).describe('How long.') })
    .describe('What is done at the end.')
    .prefault({})
const own = z
  .strictObject({
    speed: z.number().default(1234.5).meta({ unit: 'cm/s' }).describe('How fast.'),
    host: z
      .string()
      .default('x')
      .meta({ defaultText: "the machine's name", example: 'h1' })
      .describe('Where | it is.'),
    names: z
      .array(z.string())
      .optional()
      .meta({ example: ['a"b', 'c'] })
      .describe('Whose, in words. '.repeat(8).trim()),
  })
  .describe('Of its own.')
  .prefault({})
const services: readonly ConfiguredService[] = [
  {
    service: 'one',
    about: 'the first',
    schema: z.strictObject({ ops: ops(9_101), own, drain: drain('callsMs') }),
  },
  {
    service: 'two',
    about: 'the second',
    schema: z.strictObject({ ops: ops(9_102), drain: drain('rolesMs') }),
  },
]
const [one, two] = services as [ConfiguredService, ConfiguredService]

describe('a configuration file', () => {
  test('has its own sections before those of several services, wrapped comments, examples and units', () => {
    const [, body = ''] = configFile(one, services).split(/rather than edit it here\.\n\n/)
    expect(body).toBe(`# Of its own.
[own]
# How fast. In cm/s.
speed = 1_234.5
# Where | it is.
# host = "h1"
# Whose, in words. Whose, in words. Whose, in words. Whose, in words. Whose, in words. Whose, in words. Whose, in words.
# Whose, in words.
# names = ["a\\"b", "c"]

# What is done at the end.
[drain]
# How long.
callsMs = 60_000

# For operators.
[ops]
# Where it is served.
port = 9101
# Which kind it is. One of "a", "b".
kind = "a"
`)
  })

  test('names the variables of its service, and no line is longer than 120 characters', () => {
    expect(configFile(two, services)).toContain('HYDRA_TWO_SECTION_KEY_NAME')
    for (const line of configFile(one, services).split('\n')) expect(line.length).toBeLessThanOrEqual(120)
  })

  test('needs an example of a key that has no default', () => {
    const described = z.strictObject({
      a: z.strictObject({ b: z.int().optional().describe('B is it.') }).describe('Letters.'),
    })
    const service = { service: 'three', about: 'the third', schema: described }
    expect(() => configFile(service, [service])).toThrow('[a] b has no default: give it .meta({ example })')
  })
})

describe('the reference', () => {
  test('has shared sections once, with the defaults that differ, and then those of each service', () => {
    expect(configReference(services).split('\n')).toEqual([
      '<!-- prettier-ignore-start -->',
      '',
      '### Sections of several services',
      '',
      '#### `[ops]`',
      '',
      'All services. For operators.',
      '',
      '| key | default | unit | allowed | effect |',
      '| --- | --- | --- | --- | --- |',
      '| `port` | `9101` (one), `9102` (two) |  | 0 or more | Where it is served. |',
      '| `kind` | `"a"` |  | `"a"`, `"b"` | Which `kind` it is. |',
      '',
      '### Sections of one',
      '',
      '#### `[own]` of one',
      '',
      'Of its own.',
      '',
      '| key | default | unit | allowed | effect |',
      '| --- | --- | --- | --- | --- |',
      '| `speed` | `1_234.5` | cm/s |  | How fast. |',
      "| `host` | the machine's name |  | text | Where \\| it is. |",
      `| \`names\` | absent |  | list of text | ${'Whose, in words. '.repeat(8).trim()} |`,
      '',
      '#### `[drain]` of one',
      '',
      'What is done at the end.',
      '',
      '| key | default | unit | allowed | effect |',
      '| --- | --- | --- | --- | --- |',
      '| `callsMs` | `60_000` (1 minute) | ms |  | How long. |',
      '',
      '### Sections of two',
      '',
      '#### `[drain]` of two',
      '',
      'What is done at the end.',
      '',
      '| key | default | unit | allowed | effect |',
      '| --- | --- | --- | --- | --- |',
      '| `rolesMs` | `60_000` (1 minute) | ms |  | How long. |',
      '',
      '<!-- prettier-ignore-end -->',
    ])
  })

  test('takes the place of the former one, and leaves what is written by hand', () => {
    const page = `# Operations

<!-- Written by \`npm run docs\` from the schemas of the services. Edit those, not what follows. -->
old
<!-- End of what \`npm run docs\` writes. -->
After.
`
    const written = withConfigReference(page, services)
    expect(written.startsWith('# Operations\n\n<!-- Written by')).toBe(true)
    expect(written.endsWith('writes. -->\nAfter.\n')).toBe(true)
    expect(written).not.toContain('old')
    expect(withConfigReference(written, services)).toBe(written)
    expect(() => withConfigReference('# Operations\n', services)).toThrow('lacks the lines')
  })
})

test.each([
  [604_800_000, 'ms', '7 days'],
  [3_600, 's', '1 hour'],
  [90_000, 'ms', undefined],
  [60_000, 'ms', '1 minute'],
  [8 * 1_048_576, 'bytes', '8 MiB'],
  [1_024, 'bytes', '1 KiB'],
  [60_000, undefined, undefined],
  [0, 'ms', undefined],
])('%d %s is %s', (value, unit, expected) => {
  expect(readableAmount(value, unit)).toBe(expected)
})

test.each([
  [1_234_567, '1_234_567'],
  [999, '999'],
  [-1_000.25, '-1_000.25'],
  [true, 'true'],
  ['a\n"b"', '"a\\n\\"b\\""'],
  [[1_000, 'b'], '[1_000, "b"]'],
])('%j is written as %s', (value, expected) => {
  expect(tomlValue(value)).toBe(expected)
})

test('a table is no value', () => {
  expect(() => tomlValue({})).toThrow('cannot have {} as a value')
})
