import { closeSync, openSync, readSync } from 'node:fs'
import { fileVariable, variablesOf, type Environment } from './config-env.ts'

/** What the environment says of a field. */
export interface VariableValue {
  /** The variable that says it; the one that names the file, where there is one. */
  readonly variable: string
  readonly text: string
}

/** Why a variable cannot be followed; a sentence that names it. */
export class VariableProblem extends Error {
  override readonly name = 'VariableProblem'
  readonly variable: string
  readonly expectation: string

  constructor(variable: string, expectation: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.variable = variable
    this.expectation = expectation
  }
}

/** Larger files are none with a single value. */
const fileBytesMax = 65_536

/**
 * The text that the strongest variable has for a field: its value, or the content of the file that `<variable>_FILE`
 * names, without the line break at its end. That is how Docker and Kubernetes hand over secrets.
 *
 * @throws VariableProblem when both are set, and when the file cannot be read, is empty, or is larger than 64 KiB.
 */
export function variableValue(
  service: string,
  path: readonly string[],
  env: Environment,
): VariableValue | undefined {
  for (const variable of variablesOf(service, path)) {
    const text = env[variable]
    const fromFile = fileVariable(variable)
    const file = env[fromFile]
    if (text !== undefined && file !== undefined) {
      const expectation = `${variable} or ${fromFile}, not both`
      throw new VariableProblem(fromFile, expectation, `${variable} and ${fromFile} are both set; unset one`)
    }
    if (text !== undefined) return { variable, text }
    if (file !== undefined) return { variable: fromFile, text: readValue(fromFile, file) }
  }
  return undefined
}

function readValue(variable: string, file: string): string {
  const problem = (what: string, cause?: unknown) =>
    new VariableProblem(
      variable,
      'the path of a readable file with the value',
      `${variable} names ${file === '' ? 'no file' : `${file}, which ${what}`}`,
      cause,
    )
  let text: string
  try {
    text = readText(file)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw problem(code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`, cause)
  }
  if (Buffer.byteLength(text) > fileBytesMax) throw problem(`is larger than ${fileBytesMax} bytes`)
  const value = text.replace(/\r?\n$/, '')
  if (value === '') throw problem('is empty')
  return value
}

/** At most one byte more than is allowed, whatever the size is said to be. */
function readText(file: string): string {
  const handle = openSync(file, 'r')
  try {
    const buffer = Buffer.alloc(fileBytesMax + 1)
    let length = 0
    for (;;) {
      const read = readSync(handle, buffer, length, buffer.length - length, null)
      length += read
      if (read === 0 || length === buffer.length) return buffer.toString('utf8', 0, length)
    }
  } finally {
    closeSync(handle)
  }
}
