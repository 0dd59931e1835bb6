import * as z from 'zod'
import { configFields } from './config-fields.ts'
import { unitOfKey } from './config-unit.ts'

/** What an operator has to know of one key. */
export interface ConfigKey {
  /** For example `flushIntervalMs`. */
  readonly key: string
  /** What it does, in sentences. */
  readonly description: string
  readonly unit?: string
  /** `undefined` when the key may be absent and then has no value. */
  readonly default?: unknown
  /** Instead of the default, where that depends on the machine: what it is. */
  readonly defaultText?: string
  /** What may be written, for a key without a default. */
  readonly example?: unknown
  /** Which values are taken: `1–65535`, `true, false`, `list of text`. */
  readonly allowed: string
}

/** A section of a configuration, as its schema describes it. */
export interface ConfigSection {
  readonly name: string
  readonly description: string
  readonly keys: readonly ConfigKey[]
}

/** The part of JSON Schema that configurations use; the last four are zod's `.meta({ … })`. */
interface JsonSchema {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly items?: JsonSchema
  readonly format?: string
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly unit?: string
  readonly example?: unknown
  readonly defaultText?: string
  readonly allowed?: string
}

/**
 * What a service's configuration schema says of its sections and keys, in the order of the schema.
 *
 * A key says what it does with `.describe('…')`, as the last call of its schema; `.meta({ unit, example, defaultText,
 * allowed })` before it adds what the schema does not say by itself.
 *
 * @throws Error naming every key and section without a description, and how to give it one (a defect).
 * @example describeConfig(gateConfigSchema).find(({ name }) => name === 'limits')
 */
export function describeConfig(schema: z.ZodType): readonly ConfigSection[] {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema
  const keys = new Map<string, ConfigKey[]>()
  const problems: string[] = []
  for (const { path } of configFields(schema)) {
    const [section = '', key, ...deeper] = path
    if (key === undefined || deeper.length > 0) {
      throw new Error(`"${path.join('.')}" is not a key of a section, which is all that can be described`)
    }
    const found = root.properties?.[section]?.properties?.[key] ?? {}
    if (!isDescribed(found, key)) problems.push(`[${section}] ${key}`)
    keys.set(section, [...(keys.get(section) ?? []), configKey(key, found)])
  }
  const sections = [...keys].map(([name, ofSection]) => {
    const description = root.properties?.[name]?.description ?? ''
    if (!isDescribed({ description }, name)) problems.push(`section [${name}]`)
    return { name, description, keys: ofSection }
  })
  if (problems.length > 0) throw new Error(missing(problems))
  return sections
}

const isDescribed = ({ description = '' }: JsonSchema, name: string): boolean =>
  description.endsWith('.') && description.slice(0, -1).toLowerCase() !== name.toLowerCase()

const missing = (problems: readonly string[]): string =>
  `${problems.join(', ')}: not described. End the schema with .describe('What it does.'), as the last call after ` +
  `.default() or .optional() (of a section: after .strictObject() and .refine()): one or more sentences that stand ` +
  `alone and end with a period. Then "npm run docs" writes data/conf and docs/operations.md.`

function configKey(key: string, schema: JsonSchema): ConfigKey {
  const { description = '', defaultText, example } = schema
  const unit = schema.unit ?? unitOfKey(key)
  return {
    key,
    description,
    allowed: schema.allowed ?? allowedBy(schema),
    ...(unit === undefined ? {} : { unit }),
    ...(schema.default === undefined || defaultText !== undefined ? {} : { default: schema.default }),
    ...(defaultText === undefined ? {} : { defaultText }),
    ...(example === undefined ? {} : { example }),
  }
}

function allowedBy(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(', ')
  switch (schema.type) {
    case 'boolean':
      return 'true, false'
    case 'integer':
    case 'number':
      return rangeOf(schema.minimum ?? least(schema), schema.maximum)
    case 'array': {
      const range = rangeOf(schema.minItems, schema.maxItems)
      return `list of ${allowedBy(schema.items ?? {}) || 'values'}${range === '' ? '' : ` (${range})`}`
    }
    case 'string':
      return schema.format === 'uri' ? 'URL' : textOf(schema)
    default:
      return ''
  }
}

function textOf({ minLength, maxLength }: JsonSchema): string {
  if (minLength === 1 && maxLength === undefined) return 'non-empty text'
  const range = rangeOf(minLength, maxLength)
  return range === '' ? 'text' : `text of ${range} characters`
}

const least = ({ type, exclusiveMinimum }: JsonSchema): number | undefined =>
  exclusiveMinimum === undefined || type !== 'integer' ? exclusiveMinimum : exclusiveMinimum + 1

function rangeOf(min?: number, max?: number): string {
  // What JavaScript counts to is no limit of the configuration.
  const low = min === undefined || min <= Number.MIN_SAFE_INTEGER ? undefined : min
  const high = max === undefined || max >= Number.MAX_SAFE_INTEGER ? undefined : max
  if (low !== undefined && high !== undefined) return `${low}–${high}`
  if (low !== undefined) return `${low} or more`
  return high === undefined ? '' : `up to ${high}`
}
