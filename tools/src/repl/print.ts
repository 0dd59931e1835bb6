import { inspect } from 'node:util'
import type { CloseReason } from '@hydra/client'
import { errorCodes, type ErrorCode, type HydraError } from '@hydra/protocol'
import type { Callable } from './callables.ts'
import type { SessionState } from './session.ts'

/** How values are printed. */
export interface PrintOptions {
  readonly colors: boolean
  /** Width of the terminal. */
  readonly columns: number
}

/** A value for a person: all of it, several lines where one is too short. */
export const printed = (value: unknown, { colors, columns }: PrintOptions): string =>
  inspect(value, { colors, breakLength: columns, depth: null, maxArrayLength: null, compact: 3 })

/** The answer to a call. @example 'game.role.ping answers after 1.2 ms\n{ serverTimeMs: 1795… }' */
export function answerText(name: string, answer: unknown, ms: number, options: PrintOptions): string {
  if (answer === undefined) return `${name} is sent; it has no answer.`
  return `${printed(answer, options)}\n${name} answered after ${ms.toFixed(1)} ms`
}

/** A push as it comes. */
export const pushText = (name: string, payload: unknown, options: PrintOptions): string =>
  `<- ${name} ${printed(payload, options)}`

/** The end of a connection. */
export const closedText = ({ code, reason, kicked }: CloseReason): string =>
  `-- the connection is closed: ${code}${kicked ? ' (kicked)' : ''}: ${reason}${code === 'CLIENT_CLOSED' ? '' : ' "reconnect" comes back.'}`

/** A refusal: code, sentence, what a program would read, and what to do. */
export function errorText(error: HydraError, callable: Callable | undefined, options: PrintOptions): string {
  const { code, message, metadata, cause } = error
  return [
    `${code}: ${message}`,
    ...(metadata === undefined ? [] : [`  metadata ${printed(metadata, options)}`]),
    ...(code === 'INTERNAL' && cause instanceof Error ? [`  because of ${cause.message}`] : []),
    `  ${adviceFor(error, callable)}`,
  ].join('\n')
}

const advice: Partial<Readonly<Record<ErrorCode, string>>> = {
  NOT_LOGGED_IN: 'log in first: login <username> <password>, or register <username> <password>',
  ROLE_NOT_ENTERED: 'enter a role first: role list, then role enter <rid>; role create <name> makes one',
  NOT_IN_SCENE: 'enter the world first: scene enter',
  CHAT_NOT_JOINED: 'join the channel first: channel join <channel>',
  CREDENTIALS_WRONG: 'try again, or make the account: register <username> <password>',
  USERNAME_TAKEN: 'if it is yours: login <username> <password>',
  TOKEN_EXPIRED: 'log in again: login <username> <password>',
  TOKEN_INVALID: 'log in again: login <username> <password>',
  SESSION_ENDED: 'log in again: login <username> <password>',
  ALREADY_LOGGED_IN: 'session logout first, or login, which takes a new connection',
  CONNECTION_CLOSED: 'reconnect, or login <username> <password>; is the server there?',
  NO_SERVER: 'see which services run: npx hydra status',
  OPERATION_TOO_FAR: 'bag get shows lastOperation; take the number after it',
  OPERATION_TOO_OLD: 'bag get shows lastOperation; take the number after it',
}

/** What to do about a refusal, in a line. */
export function adviceFor({ code, metadata, retryable }: HydraError, callable: Callable | undefined): string {
  const retryAfterMs = metadata?.['retryAfterMs']
  if (typeof retryAfterMs === 'number') return `again in ${Math.ceil(retryAfterMs / 1_000)} s`
  const known = advice[code]
  if (known !== undefined) return known
  if (code === 'BAD_REQUEST' && callable !== undefined) return `help ${callable.name} says what it takes`
  if (code === 'INTERNAL') return 'a defect in the server: its log has the cause under the trace id'
  return `${errorCodes[code].meaning}${retryable ? ' The same may succeed later.' : ''}`
}

/** Who is where, as the prompt says it. @example 'ada/Ada> ' */
export function promptOf({ connection, username, isLoggedIn, role }: SessionState): string {
  const who = username ?? (isLoggedIn ? 'logged in' : '')
  if (connection === 'none') return 'hydra> '
  if (connection === 'closed') return `${who === '' ? 'hydra' : who} (disconnected)> `
  if (!isLoggedIn) return 'hydra (connected)> '
  return role === undefined ? `${who}> ` : `${who}/${role.name}> `
}

/** All that is known of the session. */
export function stateText(httpUrl: string, state: SessionState, watching: string): string {
  const { connection, gateUrl, closed, username, isLoggedIn, role } = state
  const gate =
    connection === 'none'
      ? 'not connected'
      : connection === 'open'
        ? `connected to ${gateUrl}`
        : `closed: ${closed?.code}: ${closed?.reason}`
  return [
    `http     ${httpUrl}`,
    `gate     ${gate}`,
    `account  ${isLoggedIn ? (username ?? 'logged in with a token') : 'not logged in'}`,
    `role     ${role === undefined ? 'none is entered' : `${role.name} (${role.rid})`}`,
    `watch    ${watching}`,
  ].join('\n')
}
