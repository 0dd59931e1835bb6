import { allPushes, errorCodes } from '@hydra/protocol'
import type { JsonSchema } from '../docs/json-schema.ts'
import { argumentsOf, callables, orderedArguments, secretArguments, type Callable } from './callables.ts'
import { commandNames } from './commands.ts'
import { LineError } from './line-error.ts'
import { findCall } from './parse-line.ts'
import { splitWords, type Word } from './words.ts'

/** What may stand for the end of a line, and that end: as completers of node:readline answer. */
export type Completion = [candidates: string[], end: string]

/** What completion knows besides the contracts. */
export interface Known {
  /** Roles of the account. */
  readonly rids: readonly string[]
}

/**
 * Completes the end of a line: names of commands and routes (up to the next dot where there are many), of arguments, and
 * values where a contract lists them.
 *
 * @example complete('game.role.cr', { rids: [] }) // [['game.role.create '], 'game.role.cr']
 */
export function complete(line: string, known: Known): Completion {
  let words: readonly Word[]
  try {
    words = splitWords(line)
  } catch (error) {
    // Inside of quotes or brackets there is nothing to be said.
    if (error instanceof LineError) return [[], line]
    throw error
  }
  const isNewWord = words.length === 0 || /\s$/.test(line)
  const before = isNewWord ? words : words.slice(0, -1)
  const end = isNewWord ? '' : line.slice(words.at(-1)?.start ?? 0)
  const [first] = before
  if (first === undefined) return matching(end, firstWords(end))
  const command = first.value.replace(/^\./, '')
  if (command === 'help') return matching(end, namesFor(end, [...helpNames]))
  if (command === 'watch' || command === 'wait') {
    const switches = command === 'watch' && before.length === 1 ? ['on ', 'all ', 'off '] : []
    return matching(end, [...switches, ...namesFor(end, pushNames)])
  }
  const call = callOf(before)
  if (call === undefined) return matching(end, laterParts(before))
  return matching(end, argumentsFor(call.callable, call.rest, end, known))
}

const pushNames = allPushes.map(({ name }) => name)
const routeNames = callables.map(({ name }) => name)
const helpNames = [...routeNames, ...pushNames, ...commandNames, ...Object.keys(errorCodes)]

const matching = (end: string, candidates: readonly string[]): Completion => [
  [...new Set(candidates.filter((each) => each.startsWith(end)))],
  end,
]

function firstWords(end: string): readonly string[] {
  const dot = end.startsWith('.') ? '.' : ''
  const commands = commandNames.map((name) => `${dot}${name} `)
  const whole = namesFor(end, routeNames)
  if (whole.some((name) => name.startsWith(end)) || end === '') return [...commands, ...whole]
  // Without the service: `role.create`.
  return [...commands, ...namesFor(end, routeNames.map(withoutService))]
}

const withoutService = (name: string): string => name.slice(name.indexOf('.') + 1)

/** Names that begin with `end`, up to the dot after it where more than one go on from there. */
function namesFor(end: string, names: readonly string[]): readonly string[] {
  const groups = new Map<string, string[]>()
  for (const name of names.filter((each) => each.startsWith(end))) {
    const dot = name.indexOf('.', end.length)
    const group = dot === -1 ? name : name.slice(0, dot + 1)
    groups.set(group, [...(groups.get(group) ?? []), name])
  }
  return [...groups].map(([group, [first = '', ...others]]) =>
    group.endsWith('.') && others.length > 0 ? group : `${first} `,
  )
}

/** A name that is written with blanks: `role cr`. */
function laterParts(before: readonly Word[]): readonly string[] {
  const prefix = `${before.map(({ value }) => value).join('.')}.`
  const names = routeNames.flatMap((name) => [name, withoutService(name)])
  return names
    .filter((name) => name.startsWith(prefix))
    .map((name) => `${name.slice(prefix.length).split('.')[0] ?? ''} `)
}

function callOf(words: readonly Word[]) {
  try {
    return findCall(words)
  } catch (error) {
    if (error instanceof LineError) return undefined
    throw error
  }
}

function argumentsFor(
  callable: Callable,
  given: readonly Word[],
  end: string,
  known: Known,
): readonly string[] {
  const names = argumentsOf(callable)
  const named = new Set(given.map(({ key }) => key))
  const [, key] = /^([\w.]+)=/.exec(end) ?? []
  if (key !== undefined) {
    const schema = names.find(([name]) => name === key)?.[1]
    return schema === undefined ? [] : valuesOf(key, schema, known).map((value) => `${key}=${value} `)
  }
  const inOrder = given.filter(({ key }) => key === undefined).length
  const [next, ...after] = orderedArguments(callable)
    .filter(([name]) => !named.has(name))
    .slice(inOrder)
  const taken = new Set(orderedArguments(callable).map(([name]) => name))
  const left = names.filter(([name]) => !named.has(name) && !taken.has(name))
  const open = [...(next === undefined ? [] : [next]), ...after, ...left]
  return [
    ...open.map(([name]) => `${name}=`),
    ...(next === undefined || secretArguments.has(next[0])
      ? []
      : valuesOf(next[0], next[1], known).map((value) => `${value} `)),
  ]
}

function valuesOf(name: string, schema: JsonSchema, { rids }: Known): readonly string[] {
  if (schema.enum !== undefined) return schema.enum.map(String)
  if (schema.type === 'boolean') return ['true', 'false']
  return name === 'rid' ? rids : []
}
