import type { JsonSchema } from '../docs/json-schema.ts'
import { argumentsOf, callables, findCallable, orderedArguments, type Callable } from './callables.ts'
import { commandNames, type CommandName } from './commands.ts'
import { LineError } from './line-error.ts'
import { schemaAt, typedValue } from './typed-value.ts'
import { splitWords, type Word } from './words.ts'

/** What a line asks for. */
export type Line =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'command'; readonly name: CommandName; readonly args: readonly string[] }
  | {
      readonly kind: 'call'
      readonly callable: Callable
      readonly body: Readonly<Record<string, unknown>>
      /** Which word stands for which argument; empty for a body in JSON. */
      readonly bound: readonly { readonly argument: string; readonly word: Word }[]
    }

type Call = Extract<Line, { kind: 'call' }>

/** Finds what a former answer had at a path. */
export type LookUp = (path: string) => unknown

/** `$role.rid`: what the latest answer that has it has there; `$lastOperation+1`: a number, counted on. */
const reference = /^\$(\w+(?:\.\w+)*)([+-]\d+)?$/
/** Names have three parts at most, which may be written with blanks instead of dots. */
const namePartsMax = 3
const suggestionsMax = 6

/**
 * Reads a line: a command (`watch off`, also `.watch off`), or a route with its arguments: as JSON, by name, or in their
 * order. A value such as `$role.rid` is taken from a former answer. A line that begins with `#` is for readers.
 *
 * @throws LineError saying what is expected; OpenLineError when the line is not over.
 * @example parseLine('role create Ada') // game.role.create, { name: 'Ada' }
 */
export function parseLine(line: string, lookUp: LookUp = () => undefined): Line {
  if (/^\s*(#|$)/.test(line)) return { kind: 'nothing' }
  const words = splitWords(line)
  const first = words[0]?.value.replace(/^\./, '') ?? ''
  const command = commandNames.find((name) => name === first)
  if (command !== undefined) {
    return { kind: 'command', name: command, args: words.slice(1).map((word) => textOf(word)) }
  }
  const { callable, rest } = findCall(words)
  return { kind: 'call', callable, ...bind(callable, rest, line, lookUp) }
}

/** The callable that the first words name, and the words after it. @throws LineError when there is none. */
export function findCall(words: readonly Word[]): {
  readonly callable: Callable
  readonly rest: readonly Word[]
} {
  for (let parts = Math.min(namePartsMax, words.length); parts > 0; parts--) {
    const name = words.slice(0, parts)
    if (name.some(({ key, form }) => key !== undefined || form !== 'bare')) continue
    const callable = findCallable(name.map(({ value }) => value).join('.'))
    if (callable !== undefined) return { callable, rest: words.slice(parts) }
  }
  throw new LineError(unknown(words))
}

/** @throws LineError when an argument is none, or has a value that it cannot have. */
function bind(
  callable: Callable,
  words: readonly Word[],
  line: string,
  lookUp: LookUp,
): Pick<Call, 'body' | 'bound'> {
  const [only] = words
  if (words.length === 1 && only?.key === undefined && only?.form === 'json' && only.value.startsWith('{')) {
    return { body: typedValue('body', { type: 'object' }, only) as Record<string, unknown>, bound: [] }
  }
  const body: Record<string, unknown> = {}
  const bound: { argument: string; word: Word }[] = []
  const named = words.filter(({ key }) => key !== undefined)
  for (const word of named) {
    const path = word.key?.split('.') ?? []
    const schema = schemaAt(callable.body, path)
    if (schema === undefined) throw new LineError(noArgument(callable, word.key ?? ''))
    put(body, path, meant(word.key ?? '', schema, word, lookUp))
    bound.push({ argument: path[0] ?? '', word })
  }
  const free = orderedArguments(callable).filter(([name]) => !Object.hasOwn(body, name))
  const inOrder = mergeLast(
    words.filter(({ key }) => key === undefined),
    free,
    line,
  )
  for (const [index, word] of inOrder.entries()) {
    const argument = free[index]
    if (argument === undefined) throw new LineError(tooMany(callable, word.value))
    const [name, schema] = argument
    body[name] = meant(name, schema, word, lookUp)
    bound.push({ argument: name, word })
  }
  return { body, bound }
}

/** @throws LineError when it refers to what no answer had, or counts on from what is no number. */
function meant(name: string, schema: JsonSchema, word: Word, lookUp: LookUp): unknown {
  const [, path, step] = (word.form === 'bare' ? reference.exec(word.value) : null) ?? []
  if (path === undefined) return typedValue(name, schema, word)
  const found = lookUp(path)
  if (found === undefined) {
    throw new LineError(`No answer so far has "${path}"; in quotes, ${word.value} would be a text.`)
  }
  if (step === undefined) return found
  if (typeof found !== 'number') throw new LineError(`"${path}" is no number to be counted on from.`)
  return found + Number(step)
}

/** A text at the end of a line needs no quotes, if it may have blanks: `channel send world hello there`. */
function mergeLast(
  words: readonly Word[],
  free: ReturnType<typeof orderedArguments>,
  line: string,
): readonly Word[] {
  const [first, last] = [words[free.length - 1], words.at(-1)]
  const { type, pattern } = free.at(-1)?.[1] ?? {}
  if (words.length <= free.length || first?.form !== 'bare' || last === undefined) return words
  const value = line.slice(first.start, last.end)
  const mayBe = type === 'string' && (pattern === undefined || new RegExp(pattern, 'u').test(value))
  return mayBe ? [...words.slice(0, free.length - 1), { ...first, value, end: last.end }] : words
}

function put(body: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path
  if (rest.length === 0) {
    body[first] = value
    return
  }
  const inner = body[first]
  const into = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {}
  body[first] = into
  put(into, rest, value)
}

const textOf = ({ key, value }: Word): string => (key === undefined ? value : `${key}=${value}`)

function unknown(words: readonly Word[]): string {
  const name = words[0]?.value ?? ''
  const begin = name.slice(0, 4).toLowerCase()
  const near = callables.filter(
    (each) =>
      each.name.includes(name) || each.name.split('.').some((part) => part.toLowerCase().startsWith(begin)),
  )
  const suggestions = near.slice(0, suggestionsMax).map((each) => each.name)
  const hint =
    suggestions.length === 0 || name === ''
      ? '"help" lists what there is.'
      : `Do you mean ${suggestions.join(', ')}?`
  return `There is no command and no route "${name}". ${hint}`
}

const listed = (callable: Callable): string => {
  const names = argumentsOf(callable).map(([name]) => name)
  return names.length === 0 ? 'it takes none' : `it takes ${names.join(', ')}`
}

const noArgument = (callable: Callable, name: string): string =>
  `${callable.name} has no argument "${name}"; ${listed(callable)}.`

const tooMany = (callable: Callable, value: string): string =>
  `"${value}" is one argument too many for ${callable.name}; ${listed(callable)}. What may be left out is given by name.`
