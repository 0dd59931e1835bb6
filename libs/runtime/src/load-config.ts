import { readFileSync } from 'node:fs'
import { HydraError } from '@hydra/protocol'
import { parse, TomlError } from 'smol-toml'
import type { z } from 'zod'
import {
  coerce,
  configFileVariable,
  knownVariables,
  nearest,
  variablesOf,
  type Environment,
} from './config-env.ts'
import { configFields, type ConfigField } from './config-fields.ts'
import { deepFreeze } from './deep-freeze.ts'
import { secretMarks } from './secret.ts'

/** What to load and from where. */
export interface LoadConfigOptions<S extends z.ZodType> {
  /** Path of a TOML file. */
  readonly file: string
  /** An object schema whose first level are the file's sections. */
  readonly schema: S
  /** Name of the service inside variables: `gate` makes `HYDRA_GATE_…`. */
  readonly service: string
  /** The environment of the process when absent. */
  readonly env?: Environment
}

/** Values as read, before the schema has seen them. */
type Raw = Record<string, unknown>

/** What errors need to know: which file, and which variable set which value. */
interface Origin {
  readonly file: string
  readonly service: string
  readonly variableOf: Map<string, string>
}

/**
 * Reads a service's configuration: TOML file, then environment, then schema; the result is frozen, deeply.
 *
 * A value `key` of `[section]` is overridden by `HYDRA_<SERVICE>_<SECTION>_<KEY>`, else by `HYDRA_<SECTION>_<KEY>`
 * (camelCase becomes SCREAMING_SNAKE). Texts become what the schema asks for: numbers, `true` or `false`, lists
 * separated by commas. `HYDRA_MODE` is short for `HYDRA_SERVICE_MODE`.
 *
 * @throws HydraError `CONFIG_INVALID` naming file, key, expectation and the variable, if one set the value. Also for
 * a missing file, a key or a `HYDRA_<SERVICE>_…` variable that the schema does not know, and a development secret in
 * production mode.
 *
 * @example const config = loadConfig({ file: 'data/conf/gateserver.toml', schema: gateConfigSchema, service: 'gate' })
 */
export function loadConfig<S extends z.ZodType>(options: LoadConfigOptions<S>): z.output<S> {
  const { file, schema, service, env = process.env } = options
  const origin: Origin = { file, service, variableOf: new Map() }
  const fields = configFields(schema)
  const raw = readToml(file)
  refuseUnknownKeys(raw, fields, origin)
  applyEnvironment(raw, fields, env, origin)

  const result = schema.safeParse(raw)
  if (!result.success) throw fromIssues(result.error.issues, raw, origin)
  refuseDevelopmentSecrets(result.data, fields, origin)
  return deepFreeze(result.data)
}

/** Keys of secrets that still have their public development value; for a warning at start. */
export function developmentSecrets(schema: z.ZodType, config: unknown): readonly string[] {
  return secretsInUse(config, configFields(schema)).map((field) => field.path.join('.'))
}

function readToml(file: string): Raw {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason'
    const reason = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`
    throw invalid(file, { expectation: 'a readable TOML file', cause }, `the file ${reason}`)
  }
  try {
    return parse(text) as Raw
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause
    const [reason = ''] = cause.message.split('\n')
    const where = `line ${cause.line}, column ${cause.column}`
    throw invalid(file, { expectation: 'valid TOML', cause }, `is not valid TOML at ${where}: ${reason}`)
  }
}

function refuseUnknownKeys(raw: Raw, fields: readonly ConfigField[], { file }: Origin): void {
  const leaves = new Set(fields.map((field) => field.path.join('.')))
  const sections = new Set(
    fields.flatMap(({ path }) => path.slice(1).map((_, i) => path.slice(0, i + 1).join('.'))),
  )
  const visit = (table: Raw, path: readonly string[]): void => {
    for (const [key, value] of Object.entries(table)) {
      const name = [...path, key].join('.')
      if (leaves.has(name)) continue
      if (!sections.has(name)) {
        const meant = nearest(name, [...leaves, ...sections])
        const hint = meant === undefined ? '' : `; did you mean "${meant}"?`
        throw invalid(file, { key: name, expectation: 'a known key' }, `"${name}" is not a known key${hint}`)
      }
      if (isTable(value)) visit(value, [...path, key])
    }
  }
  visit(raw, [])
}

function applyEnvironment(raw: Raw, fields: readonly ConfigField[], env: Environment, origin: Origin): void {
  const { service, file } = origin
  const known = knownVariables(service, fields)
  const reserved = configFileVariable(service)
  const prefix = reserved.slice(0, -'CONFIG'.length)
  for (const name of Object.keys(env)) {
    if (!name.startsWith(prefix) || name === reserved || known.has(name)) continue
    const meant = nearest(name, known.keys())
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`
    throw invalid(
      file,
      { variable: name, expectation: 'a known variable' },
      `${name} sets no known key${hint}`,
    )
  }
  for (const field of fields) {
    if (field.kinds.size === 0) continue
    const variable = variablesOf(service, field.path).find((name) => env[name] !== undefined)
    const text = variable === undefined ? undefined : env[variable]
    if (variable === undefined || text === undefined) continue
    const key = field.path.join('.')
    const coerced = coerce(text, field.kinds, field.itemKinds)
    if ('expected' in coerced) {
      const expectation = coerced.expected
      throw invalid(file, { key, variable, expectation }, `"${key}" is wrong: expected ${expectation}`)
    }
    put(raw, field.path, coerced.value)
    origin.variableOf.set(key, variable)
  }
}

function put(raw: Raw, path: readonly string[], value: unknown): void {
  let table = raw
  for (const [depth, key] of path.entries()) {
    if (depth === path.length - 1) table[key] = value
    else {
      const inner = (table[key] ??= {})
      // A value where a section belongs: left for the schema to refuse.
      if (!isTable(inner)) return
      table = inner
    }
  }
}

function refuseDevelopmentSecrets(config: unknown, fields: readonly ConfigField[], origin: Origin): void {
  if (at(config, ['service', 'mode']) !== 'production') return
  const [field] = secretsInUse(config, fields)
  if (field === undefined) return
  const key = field.path.join('.')
  const expectation = 'a secret of your own in production mode, not the development default'
  const advice = `set ${variablesOf(origin.service, field.path).slice(0, 2).join(' or ')}`
  throw invalid(origin.file, { key, expectation }, `"${key}" is wrong: expected ${expectation}; ${advice}`)
}

function secretsInUse(config: unknown, fields: readonly ConfigField[]): readonly ConfigField[] {
  return fields.filter(({ path, layers }) => {
    const mark = layers.map((layer) => secretMarks.get(layer)).find((found) => found !== undefined)
    if (mark === undefined) return false
    const value = at(config, path)
    return Array.isArray(value) ? value.includes(mark.developmentDefault) : value === mark.developmentDefault
  })
}

function fromIssues(issues: readonly z.core.$ZodIssue[], raw: Raw, origin: Origin): HydraError {
  const described = issues.slice(0, 5).map((issue) => describe(issue, raw, origin))
  const [first] = described
  const rest = issues.length - described.length
  const text = described.map(({ sentence }) => sentence).join('; ') + (rest > 0 ? `; and ${rest} more` : '')
  return invalid(origin.file, first ?? { expectation: 'a valid configuration' }, text, false)
}

function describe(issue: z.core.$ZodIssue, raw: Raw, { service, variableOf }: Origin) {
  const path = issue.path.map(String)
  const key = path.join('.') || '(file)'
  const expectation = expectationOf(issue)
  const prefixes = path.map((_, i) => path.slice(0, i + 1).join('.'))
  const variable = prefixes.map((name) => variableOf.get(name)).find((name) => name !== undefined)
  const missing = issue.code !== 'custom' && path.length > 0 && at(raw, path) === undefined
  const from = variable === undefined ? '' : ` (from ${variable})`
  const how = missing ? ` (or set ${variablesOf(service, path)[0]})` : from
  const sentence = `"${key}" is ${missing ? 'missing' : 'wrong'}: ${expectation}${how}`
  return { key, expectation, sentence, ...(variable === undefined ? {} : { variable }) }
}

function expectationOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return neutral(issue.message)
  const alternatives = issue.errors.flatMap(([first]) =>
    first === undefined ? [] : [neutral(first.message)],
  )
  return [...new Set(alternatives)].join(', or ')
}

const neutral = (message: string): string =>
  message.replace(/^Invalid (input|option): /, '').replace(/, received undefined$/, '')

function invalid(
  file: string,
  about: { key?: string; variable?: string; expectation: string; cause?: unknown },
  text: string,
  namesVariable = true,
): HydraError {
  const { key, variable, expectation, cause } = about
  const from =
    namesVariable && variable !== undefined && !text.includes(variable) ? ` (from ${variable})` : ''
  return new HydraError('CONFIG_INVALID', `${file}: ${text}${from}`, {
    cause,
    metadata: {
      file,
      expectation,
      ...(key === undefined ? {} : { key }),
      ...(variable === undefined ? {} : { variable }),
    },
  })
}

const isTable = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Raw)[key] : undefined),
    value,
  )
}
