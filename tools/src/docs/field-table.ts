import type * as z from 'zod'
import { toJsonSchema, type JsonSchema } from './json-schema.ts'
import { code, table } from './markdown.ts'

interface Field {
  /** Where it is: `role.name`, `messages[].seq`. A `?` marks what may be left out. */
  readonly path: string
  readonly schema: JsonSchema
}

/**
 * The fields of a body as a table under a title, nested ones by their path.
 *
 * @example fieldTable('Request', routes.game.role.create.request, 'input')
 */
export function fieldTable(title: string, schema: z.ZodType, io: 'input' | 'output'): string {
  const rows = fieldRows(schema, io)
  if (rows.length === 0) return `${title}: no fields, ${code('{}')}.`
  const cells = rows.map(({ path, type, notes }) => [code(path), type, notes])
  return `${title}:\n\n${table(['field', 'type', ''], cells)}`
}

/** A field of a body in words. */
export interface FieldRow {
  /** Where it is: `role.name`, `messages[].seq`. A `?` marks what may be left out. */
  readonly path: string
  /** With its limits: `integer, 1–100`. */
  readonly type: string
  /** Markdown of one line. */
  readonly notes: string
}

/**
 * The fields of a body, nested ones by their path.
 *
 * @example fieldRows(routes.game.role.create.request, 'input')[0]?.type // 'string, 2–16 characters'
 */
export function fieldRows(schema: z.ZodType, io: 'input' | 'output'): readonly FieldRow[] {
  return [...fieldsOf(toJsonSchema(schema, io), '')].map(({ path, schema }) => ({
    path,
    type: typeOf(schema),
    notes: notesOf(schema),
  }))
}

function* fieldsOf(schema: JsonSchema, prefix: string): Generator<Field> {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const path = `${prefix}${name}`
    yield { path: schema.required?.includes(name) === true ? path : `${path}?`, schema: property }
    yield* nestedFields(property, path)
  }
}

function* nestedFields(schema: JsonSchema, path: string): Generator<Field> {
  if (schema.items === undefined) yield* fieldsOf(schema, `${path}.`)
  else yield* nestedFields(schema.items, `${path}[]`)
}

/** For example `integer, 1–100` or `array of string, at most 64`. */
function typeOf(schema: JsonSchema): string {
  const { anyOf, items, additionalProperties } = schema
  if (anyOf !== undefined) return anyOf.map(typeOf).join(' or ')
  const type = schema.type === undefined ? 'any' : [schema.type].flat().join(' or ')
  if (items !== undefined) return withRange(`array of ${typeOf(items)}`, '', schema.minItems, schema.maxItems)
  if (typeof additionalProperties === 'object') return `map of ${typeOf(additionalProperties)}`
  if (type === 'string') return withRange(type, ' characters', schema.minLength, schema.maxLength)
  return withRange(type, '', schema.minimum, schema.maximum)
}

function withRange(type: string, unit: string, min?: number, max?: number): string {
  // What JavaScript counts to is no limit of the contract.
  const low = min === undefined || min <= Number.MIN_SAFE_INTEGER ? undefined : min
  const high = max === undefined || max >= Number.MAX_SAFE_INTEGER ? undefined : max
  if (low !== undefined && high !== undefined) return `${type}, ${low}–${high}${unit}`
  if (low !== undefined) return `${type}, at least ${low}${unit}`
  if (high !== undefined) return `${type}, at most ${high}${unit}`
  return type
}

function notesOf(schema: JsonSchema): string {
  return [
    schema.description,
    schema.enum === undefined
      ? undefined
      : `One of ${schema.enum.map((each) => code(String(each))).join(', ')}.`,
    // A pattern that has been put into words is for machines: protocol.json has it.
    schema.pattern === undefined || schema.description !== undefined
      ? undefined
      : `Matches ${code(schema.pattern)}.`,
    schema.default === undefined ? undefined : `Default ${code(JSON.stringify(schema.default))}.`,
  ]
    .filter((note) => note !== undefined)
    .join(' ')
}
