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
import { configFields, valueAt, type ConfigField } from './config-fields.ts'
import { publicSecrets, secretProblems } from './config-secrets.ts'
import { deepFreeze } from './deep-freeze.ts'
import { productionFindings } from './production-rules.ts'
import { variableValue, VariableProblem } from './variable-value.ts'

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
 * separated by commas. `HYDRA_MODE` is short for `HYDRA_SERVICE_MODE`. Each variable with `_FILE` after its name says in
 * which file its value is.
 *
 * @throws HydraError `CONFIG_INVALID` naming file, key, expectation and the variable, if one set the value; never the
 * value. Also for a missing file, and for a key or a `HYDRA_<SERVICE>_…` variable that the schema does not know. In
 * production mode also for a secret that is public or stands in the file, for what the rules of a section refuse, and for
 * `NODE_TLS_REJECT_UNAUTHORIZED=0`.
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
  if (valueAt(result.data, ['service', 'mode']) === 'production')
    refuseUnsafe(schema, result.data, raw, fields, origin, env)
  return deepFreeze(result.data)
}

/** Keys of secrets that still have their public development value; for a warning at start. */
export function developmentSecrets(schema: z.ZodType, config: unknown): readonly string[] {
  return publicSecrets(config, configFields(schema)).map((field) => field.path.join('.'))
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
    // The further lines quote the file, and so perhaps a password; they must not reach a log by way of the cause.
    const [reason = ''] = cause.message.split('\n')
    const where = `line ${cause.line}, column ${cause.column}`
    throw invalid(file, { expectation: 'valid TOML' }, `is not valid TOML at ${where}: ${reason}`)
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
    const key = field.path.join('.')
    const found = valueOf(field, env, origin)
    if (found === undefined) continue
    const { variable, text } = found
    const coerced = coerce(text, field.kinds, field.itemKinds)
    if ('expected' in coerced) {
      const expectation = coerced.expected
      throw invalid(file, { key, variable, expectation }, `"${key}" is wrong: expected ${expectation}`)
    }
    put(raw, field.path, coerced.value)
    origin.variableOf.set(key, variable)
  }
}

function valueOf(field: ConfigField, env: Environment, { service, file }: Origin) {
  try {
    return variableValue(service, field.path, env)
  } catch (cause) {
    if (!(cause instanceof VariableProblem)) throw cause
    const { variable, expectation } = cause
    throw invalid(
      file,
      { key: field.path.join('.'), variable, expectation, cause: cause.cause },
      cause.message,
    )
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

function refuseUnsafe(
  schema: z.ZodType,
  config: unknown,
  raw: Raw,
  fields: readonly ConfigField[],
  { file, service, variableOf }: Origin,
  env: Environment,
): void {
  const setByVariable = new Set(variableOf.keys())
  const secrets = secretProblems({ service, config, inFile: raw, setByVariable, fields })
  const described = [
    ...secrets.map(({ path, expectation, advice }) => {
      const key = path.join('.')
      return { key, expectation, sentence: `"${key}" is wrong: expected ${expectation}; ${advice}` }
    }),
    ...productionFindings(schema, config)
      .filter(({ refused }) => refused === true)
      .map(({ key, problem }) => ({
        key,
        expectation: problem,
        sentence: `"${key}" is refused in production mode: ${problem}`,
      })),
    ...uncheckedCertificates(env),
  ]
  const [first] = described
  if (first === undefined) return
  throw invalid(file, first, described.map(({ sentence }) => sentence).join('; '))
}

/** No key of the configuration turns the checks off; this is how Node.js would. */
function uncheckedCertificates(env: Environment) {
  const variable = 'NODE_TLS_REJECT_UNAUTHORIZED'
  if (env[variable] !== '0') return []
  const expectation = 'certificates that are checked'
  const sentence = `${variable}=0 is refused in production mode: no certificate of another server is checked then; unset it, and name the authority of your certificates instead (caFile of each backend, NODE_EXTRA_CA_CERTS)`
  return [{ variable, expectation, sentence }]
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
  const missing = issue.code !== 'custom' && path.length > 0 && valueAt(raw, path) === undefined
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
