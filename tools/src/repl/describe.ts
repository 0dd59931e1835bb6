import { allPushes, errorCodes, isErrorCode, type RouteAuth } from '@hydra/protocol'
import type * as z from 'zod'
import { namedBy } from '../docs/errors-page.ts'
import { fieldRows } from '../docs/field-table.ts'
import { argumentsOf, callables, findCallable, type Callable } from './callables.ts'
import { commandHelp, commandNames, type CommandName } from './commands.ts'
import { LineError } from './line-error.ts'

const authWords: Readonly<Record<RouteAuth, string>> = {
  none: 'no login',
  user: 'a login (login <username> <password>)',
  role: 'a login and a role (role enter <rid>; role list shows yours)',
}

/**
 * All about something: a route, a feature, a push, an error code, a command; without a name, what there is.
 *
 * @throws LineError when there is nothing of that name.
 */
export function help(name: string): string {
  if (name === '') return overview()
  const callable = findCallable(name)
  if (callable !== undefined) return describeCallable(callable)
  const command = commandNames.find((each) => each === name.replace(/^\./, ''))
  if (command !== undefined) return `${commandHelp[command].usage}\n  ${commandHelp[command].text}`
  if (isErrorCode(name)) return describeError(name)
  const push = allPushes.find((each) => each.name === name)
  if (push !== undefined) {
    return [
      `${push.name}: ${push.summary}`,
      'a push: servers send it unasked',
      ...fields('carries', push.payload, 'output'),
    ].join('\n')
  }
  const prefix = `${name.replace(/\.$/, '')}.`
  const inside = [...callables, ...allPushes].filter((each) => `.${each.name}`.includes(`.${prefix}`))
  if (inside.length > 0) return aligned(inside.map((each) => [each.name, each.summary]))
  throw new LineError(`There is no route, push, error code or command "${name}"; "help" lists what there is.`)
}

/** A route or endpoint: what it does, needs, takes, answers, and how it fails. */
export function describeCallable(callable: Callable): string {
  const { name, kind, auth, summary, request, response, errors } = callable
  return [
    `${name}: ${summary}`,
    kind === 'http' ? 'an endpoint of http' : `a ${kind}; needs ${authWords[auth]}`,
    ...fields('arguments', request, 'input'),
    ...(kind === 'notify' ? ['no answer'] : fields('answer', response, 'output')),
    ...(errors.length === 0
      ? ['errors: only general ones, see docs/errors.md']
      : ['errors, besides general ones', aligned(errors.map((code) => [code, errorCodes[code].meaning]))]),
    `write: ${exampleOf(callable)}`,
  ].join('\n')
}

/** How a call is written: what may be left out in brackets. @example 'chat.channel.send channel=… text=…' */
export function exampleOf(callable: Callable): string {
  const parts = argumentsOf(callable).map(([argument, schema]) => {
    const written = `${argument}=${schema.enum === undefined ? '…' : schema.enum.join('|')}`
    return callable.body.required?.includes(argument) === true ? written : `[${written}]`
  })
  return [callable.name, ...parts].join(' ')
}

function describeError(code: keyof typeof errorCodes): string {
  const { meaning, retryable, httpStatus } = errorCodes[code]
  const users = namedBy(code)
  return [
    `${code}: ${meaning}`,
    `HTTP status ${httpStatus}; ${retryable ? 'the same request may succeed when it is sent again later' : 'sending the same again changes nothing'}`,
    users.length === 0 ? 'a general code: any route may answer it' : `answered by ${users.join(', ')}`,
  ].join('\n')
}

function overview(): string {
  const commands = commandNames.map((name: CommandName) => [commandHelp[name].usage, commandHelp[name].text])
  const features = new Map<string, string[]>()
  for (const { name, kind } of callables) {
    const feature = kind === 'http' ? 'http' : name.slice(0, name.lastIndexOf('.'))
    const actions = features.get(feature) ?? []
    features.set(feature, [...actions, name.slice(name.lastIndexOf('.') + 1)])
  }
  return [
    'a route, with its arguments in order, by name, or as JSON:',
    aligned([
      ['register ada "a good password"', 'at http; then connects and logs in'],
      ['game.role.create name=Ada', ''],
      ['role create Ada', 'the service may be left out, dots may be blanks'],
      ['channel send world hello there', 'a text at the end needs no quotes'],
      ['chat.channel.send {"channel": "world", "text": "hello"}', ''],
      ['role enter $role.rid', 'a value of a former answer; $lastOperation+1 counts on from one'],
    ]),
    'routes; "help <route>" says all about one, TAB completes names, arguments and their values:',
    aligned([...features].map(([feature, actions]) => [feature, actions.join(' ')])),
    'commands:',
    aligned(commands),
  ].join('\n')
}

function fields(title: string, schema: z.ZodType, io: 'input' | 'output'): readonly string[] {
  const rows = fieldRows(schema, io)
  if (rows.length === 0) return [`${title}: none`]
  return [title, aligned(rows.map(({ path, type, notes }) => [path, type, notes.replaceAll('`', '')]))]
}

/** Cells below each other; the last one may be of any length. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(...rows.map((row) => row.length))
  const widths = Array.from({ length: columns - 1 }, (_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  return rows
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .join('\n')
}
