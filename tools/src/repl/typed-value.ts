import type { JsonSchema } from '../docs/json-schema.ts'
import { LineError } from './line-error.ts'
import type { Word } from './words.ts'

/**
 * The value that a word means where a contract asks for one of this schema: `12` is a number for a level and a text for a
 * name. What the value may be beyond its type, the server says.
 *
 * @throws LineError saying what is expected.
 * @example typedValue('level', { type: 'integer' }, word) // 12
 */
export function typedValue(name: string, schema: JsonSchema, word: Pick<Word, 'value' | 'form'>): unknown {
  const types = typesOf(schema)
  const { value, form } = word
  if (form === 'json') return types.has('string') && types.size === 1 ? value : parsedJson(name, value)
  const options = schema.enum?.map(String)
  if (options !== undefined && !options.includes(value)) {
    throw new LineError(`"${name}" takes one of ${options.join(', ')}; "${value}" is none of them.`)
  }
  if (form === 'quoted') {
    if (types.size === 0 || types.has('string')) return value
    throw new LineError(`"${name}" takes ${wordsFor(types)}, without quotes.`)
  }
  const plain = plainValue(value)
  if (plain !== undefined && types.has(plain.type)) return plain.value
  if (types.has('integer') && plain?.type === 'number') return plain.value
  if (types.has('string')) return value
  if (types.has('array')) {
    return value === ''
      ? []
      : value
          .split(',')
          .map((item, index) => typedValue(name, itemSchema(schema, index), { value: item, form: 'bare' }))
  }
  if (types.size === 0) return plain === undefined ? value : plain.value
  throw new LineError(`"${name}" takes ${wordsFor(types)}; "${value}" is none.`)
}

/** The schema of a field that may lie inside of others: `resume.pushes`; `undefined` when there is none. */
export function schemaAt(schema: JsonSchema, path: readonly string[]): JsonSchema | undefined {
  const [first, ...rest] = path
  if (first === undefined) return schema
  const { properties, additionalProperties } = schema
  const own = properties !== undefined && Object.hasOwn(properties, first) ? properties[first] : undefined
  const next = own ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined)
  return next === undefined ? undefined : schemaAt(next, rest)
}

function typesOf({ type, anyOf = [] }: JsonSchema): ReadonlySet<string> {
  const types = new Set(type === undefined ? [] : [type].flat())
  for (const each of anyOf) for (const one of typesOf(each)) types.add(one)
  return types
}

/** What a bare word is besides a text. */
function plainValue(text: string): { readonly type: string; readonly value: unknown } | undefined {
  if (text === 'null') return { type: 'null', value: null }
  if (text === 'true' || text === 'false') return { type: 'boolean', value: text === 'true' }
  if (/^[+-]?(\d[\d_]*\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) {
    return { type: 'number', value: Number(text.replaceAll('_', '')) }
  }
  return undefined
}

function parsedJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new LineError(`"${name}" is no JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

/** Tuples have their schemas one by one, other arrays one for all. */
function itemSchema(schema: JsonSchema, index: number): JsonSchema {
  const { prefixItems } = schema as { readonly prefixItems?: readonly JsonSchema[] }
  return prefixItems?.[index] ?? (typeof schema.items === 'object' ? schema.items : {})
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list such as [1, 2] or 1,2',
  object: 'an object such as {"a": 1}',
  null: 'null',
}

const wordsFor = (types: ReadonlySet<string>): string =>
  [...types].map((type) => typeWords[type] ?? type).join(', or ')
