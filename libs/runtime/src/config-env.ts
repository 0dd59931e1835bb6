import type { ConfigField, FieldKind } from './config-fields.ts'

/** Variables of a process by name. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Short names for values that concern every service. */
const aliases: Readonly<Record<string, string>> = { 'service.mode': 'HYDRA_MODE' }

const screamingSnake = (key: string): string =>
  key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase()

/**
 * The variables that set a field, the strongest first: the one of this service, the one of all services, a short name.
 *
 * @example variablesOf('gate', ['log', 'level']) // ['HYDRA_GATE_LOG_LEVEL', 'HYDRA_LOG_LEVEL']
 */
export function variablesOf(service: string, path: readonly string[]): readonly string[] {
  const name = path.map(screamingSnake).join('_')
  const alias = aliases[path.join('.')]
  return [
    `HYDRA_${screamingSnake(service)}_${name}`,
    `HYDRA_${name}`,
    ...(alias === undefined ? [] : [alias]),
  ]
}

/** Names the variable that says in which file the value of another variable is. @example fileVariable('HYDRA_TOKEN_SECRETS') */
export const fileVariable = (variable: string): string => `${variable}_FILE`

/** Names the variable that says where a service's configuration file is. @example configFileVariable('gate') */
export const configFileVariable = (service: string): string => `HYDRA_${screamingSnake(service)}_CONFIG`

/**
 * Variable names of all fields that a variable can set, directly or by naming a file. @throws Error when two fields would share a name (a
 * defect).
 */
export function knownVariables(
  service: string,
  fields: readonly ConfigField[],
): ReadonlyMap<string, ConfigField> {
  const known = new Map<string, ConfigField>()
  for (const field of fields) {
    if (field.kinds.size === 0) continue
    const names = variablesOf(service, field.path)
    for (const name of [...names, ...names.map(fileVariable)]) {
      const other = known.get(name)
      if (other !== undefined) {
        throw new Error(`${name} would set both ${other.path.join('.')} and ${field.path.join('.')}`)
      }
      known.set(name, field)
    }
  }
  return known
}

/** Turns the text of a variable into a value of the field, or answers what was expected instead. */
export function coerce(
  text: string,
  kinds: ReadonlySet<FieldKind>,
  itemKinds: ReadonlySet<FieldKind>,
): { readonly value: unknown } | { readonly expected: string } {
  if (kinds.has('number') && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text))
    return { value: Number(text) }
  if (kinds.has('boolean') && (text === 'true' || text === 'false')) return { value: text === 'true' }
  if (kinds.has('string')) return { value: text }
  if (kinds.has('list')) return coerceList(text, itemKinds)
  return { expected: kinds.has('number') ? 'a number' : 'true or false' }
}

function coerceList(
  text: string,
  itemKinds: ReadonlySet<FieldKind>,
): { readonly value: unknown[] } | { readonly expected: string } {
  const value: unknown[] = []
  // Lines are for files, such as one with a secret on each.
  const parts = text.split(/[,\n]/).map((part) => part.trim())
  for (const part of parts) {
    if (part === '') continue
    const item = coerce(part, itemKinds, new Set())
    if ('expected' in item) return { expected: `${item.expected} in each place of a comma-separated list` }
    value.push(item.value)
  }
  return { value }
}

/** The known name that differs least from `name`, when one comes close enough to be what was meant. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(2, Math.ceil(name.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(name, candidate)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replace))
    }
    row = next
  }
  return row[b.length] ?? 0
}
