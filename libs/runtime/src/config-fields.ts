import type { z } from 'zod'

/** What a text from the environment may be turned into for a field. */
export type FieldKind = 'string' | 'number' | 'boolean' | 'list'

/** One value of a configuration: where it stands and what it may be. */
export interface ConfigField {
  /** For example `['cluster', 'natsServers']`. */
  readonly path: readonly string[]
  /** Empty for what has no form as one line of text (tables, lists of tables). */
  readonly kinds: ReadonlySet<FieldKind>
  /** Kinds of a list's elements. */
  readonly itemKinds: ReadonlySet<FieldKind>
  /** Every schema that wraps the value, outermost first: where marks such as those of `secret.ts` are found. */
  readonly layers: readonly z.core.$ZodType[]
}

const none: ReadonlySet<FieldKind> = new Set()

/** What stands at a path of a configuration; `undefined` where it does not go so far. */
export function valueAt(config: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined,
    config,
  )
}

/** Lists the fields of a configuration schema, in the order of the schema. Alternatives of unions are merged. */
export function configFields(schema: z.core.$ZodType): readonly ConfigField[] {
  const fields = new Map<string, ConfigField>()
  collect(schema, [], [], (field) => {
    const key = field.path.join('.')
    const known = fields.get(key)
    fields.set(key, known === undefined ? field : merge(known, field))
  })
  return [...fields.values()]
}

function collect(
  schema: z.core.$ZodType,
  path: readonly string[],
  layers: readonly z.core.$ZodType[],
  add: (field: ConfigField) => void,
): void {
  const inside = [...layers, schema]
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'object': {
      const entries = Object.entries(def.shape)
      for (const [key, value] of entries) collect(value, [...path, key], [], add)
      if (entries.length === 0 && path.length > 0) add({ path, kinds: none, itemKinds: none, layers: inside })
      return
    }
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return collect(def.innerType, path, inside, add)
    case 'pipe':
      return collect(def.in._zod.def.type === 'transform' ? def.out : def.in, path, inside, add)
    case 'union':
      for (const option of def.options) collect(option, path, inside, add)
      return
    case 'intersection':
      collect(def.left, path, inside, add)
      return collect(def.right, path, inside, add)
    case 'array': {
      let itemKinds: ReadonlySet<FieldKind> = none
      collect(def.element, [], [], (item) => {
        if (item.path.length === 0) itemKinds = new Set([...itemKinds, ...item.kinds])
      })
      return add({ path, kinds: itemKinds.size > 0 ? new Set(['list']) : none, itemKinds, layers: inside })
    }
    default:
      return add({ path, kinds: scalarKinds(def), itemKinds: none, layers: inside })
  }
}

function scalarKinds(def: z.core.$ZodTypes['_zod']['def']): ReadonlySet<FieldKind> {
  switch (def.type) {
    case 'string':
    case 'template_literal':
      return new Set(['string'])
    case 'number':
      return new Set(['number'])
    case 'boolean':
      return new Set(['boolean'])
    case 'enum':
      return kindsOfValues(Object.values(def.entries))
    case 'literal':
      return kindsOfValues(def.values)
    default:
      return none
  }
}

function kindsOfValues(values: readonly unknown[]): ReadonlySet<FieldKind> {
  const kinds = new Set<FieldKind>()
  for (const value of values) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      kinds.add(typeof value as FieldKind)
    }
  }
  return kinds
}

const merge = (a: ConfigField, b: ConfigField): ConfigField => ({
  path: a.path,
  kinds: new Set([...a.kinds, ...b.kinds]),
  itemKinds: new Set([...a.itemKinds, ...b.itemKinds]),
  layers: [...a.layers, ...b.layers],
})
