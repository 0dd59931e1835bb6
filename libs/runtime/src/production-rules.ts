import { z } from 'zod'

/** Something about a section that is unsafe in production. */
export interface ProductionFinding {
  /** The key of the section that would mend it. */
  readonly key: string
  /** A sentence without the key: what it means, and what to do. */
  readonly problem: string
  /** Whether starting is refused for it; else the log warns. */
  readonly refused?: boolean
}

/** All sections of a configuration by their names, for rules about a section that depend on another one. */
type Sections = Readonly<Record<string, unknown>>

/** What to look for in a section; read by `loadConfig` and `runService` in production mode. */
interface ProductionRules {
  readonly find: (section: never, sections: Sections) => readonly ProductionFinding[]
}

const productionRules = z.registry<ProductionRules>()

/**
 * Adds to the schema of a section what is looked for in production mode, beyond secrets.
 *
 * @example
 * const schema = withProductionRules(z.strictObject({ host: z.string() }), ({ host }) =>
 *   isLoopback(host) ? [] : [{ key: 'host', problem: 'is open to other machines.' }])
 */
export const withProductionRules = <S extends z.ZodType>(
  schema: S,
  find: (section: z.output<S>, sections: Sections) => readonly ProductionFinding[],
): S => {
  // Which section a rule is for is known only here; it is called with the output of this very schema.
  productionRules.add(schema, { find: find as ProductionRules['find'] })
  return schema
}

/** What the rules of all sections find, with whole keys (`storage.mysqlUrl`). Nothing in development mode. */
export function productionFindings(schema: z.core.$ZodType, config: unknown): readonly ProductionFinding[] {
  const { shape } = outermostObject(schema) ?? { shape: {} }
  const sections = config as Sections
  const service = sections['service'] as { readonly mode?: unknown } | undefined
  if (service?.mode !== 'production') return []
  return Object.entries(shape).flatMap(([name, section]) =>
    rulesOf(section).flatMap(({ find }) =>
      find(sections[name] as never, sections).map(({ key, problem, refused = false }) => ({
        key: `${name}.${key}`,
        problem,
        refused,
      })),
    ),
  )
}

/** Whether a host is this machine as seen from itself. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host)

function rulesOf(schema: z.core.$ZodType): readonly ProductionRules[] {
  const rules = productionRules.get(schema)
  if (rules !== undefined) return [rules]
  const { def } = (schema as z.core.$ZodTypes)._zod
  return 'innerType' in def ? rulesOf(def.innerType) : []
}

function outermostObject(schema: z.core.$ZodType): { readonly shape: z.core.$ZodShape } | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod
  if (def.type === 'object') return def
  return 'innerType' in def ? outermostObject(def.innerType) : undefined
}
