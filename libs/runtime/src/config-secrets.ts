import { fileVariable, variablesOf } from './config-env.ts'
import { valueAt, type ConfigField } from './config-fields.ts'
import { secretMarks, secretsIn, type SecretMark } from './secret.ts'

/** A secret that must not be used as it stands. */
export interface SecretProblem {
  readonly path: readonly string[]
  readonly expectation: string
  /** What to set instead. */
  readonly advice: string
}

/** The fields whose secrets everybody knows. */
export function publicSecrets(config: unknown, fields: readonly ConfigField[]): readonly ConfigField[] {
  return fields.filter((field) => {
    const mark = markOf(field, config)
    return (
      mark !== undefined &&
      secretsIn(valueAt(config, field.path), mark).some((s) => mark.publicValues.includes(s))
    )
  })
}

/**
 * What production mode refuses: secrets that everybody knows, and those that stand in the configuration file, which is
 * copied, shown and kept in places that secrets have no business in.
 *
 * @param inFile the file's content, before the environment was applied
 * @param setByVariable keys that the environment sets; what the file says about them has no effect
 */
export function secretProblems(options: {
  readonly service: string
  readonly config: unknown
  readonly inFile: unknown
  readonly setByVariable: ReadonlySet<string>
  readonly fields: readonly ConfigField[]
}): readonly SecretProblem[] {
  const { service, config, inFile, setByVariable, fields } = options
  const known = new Set(publicSecrets(config, fields))
  return fields.flatMap((field) => {
    const { path } = field
    const [own = '', all = ''] = variablesOf(service, path)
    if (known.has(field)) {
      const expectation =
        'a secret of your own in production mode, not the public one that is for development'
      return [{ path, expectation, advice: `set ${own} or ${all}` }]
    }
    const mark = markOf(field, config)
    if (mark === undefined || setByVariable.has(path.join('.'))) return []
    if (secretsIn(valueAt(inFile, path), mark).length === 0) return []
    const expectation =
      'a secret from the environment or a file of its own in production mode, not from the configuration file'
    return [
      {
        path,
        expectation,
        advice: `set ${own}, ${all}, or one of them with _FILE, such as ${fileVariable(all)}, to the path of a file with it`,
      },
    ]
  })
}

/** The mark of a field whose secret the configuration makes use of. */
function markOf({ path, layers }: ConfigField, config: unknown): SecretMark | undefined {
  const mark = layers.map((layer) => secretMarks.get(layer)).find((found) => found !== undefined)
  const section = valueAt(config, path.slice(0, -1))
  const isUsed = mark?.isUsed?.(section as Readonly<Record<string, unknown>>) ?? true
  return isUsed ? mark : undefined
}
