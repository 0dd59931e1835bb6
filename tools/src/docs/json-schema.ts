import * as z from 'zod'

/** The part of JSON Schema that the contracts use. */
export interface JsonSchema {
  /** Several for a union of plain types. */
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly anyOf?: readonly JsonSchema[]
  readonly items?: JsonSchema
  readonly additionalProperties?: JsonSchema | boolean
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly pattern?: string
}

/**
 * The JSON Schema of a contract's body: `input` as its sender may write it, `output` as its receiver gets it.
 *
 * @throws Error when the schema holds something that JSON cannot carry.
 * @example toJsonSchema(routes.game.role.create.request, 'input').required // ['name']
 */
export function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io,
    // Later versions add fields; a receiver that refused them could not be upgraded after its sender.
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
    },
  })
  return json as JsonSchema
}
