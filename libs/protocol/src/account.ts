import * as z from 'zod'
import type { ErrorCode } from './error-codes.ts'
import { limits } from './limits.ts'
import { id, timestampMs } from './routes/shared.ts'

/** Name of an account: what its owner types, never shown to other players. Compared without regard to case. */
export const username = z
  .string()
  .min(limits.usernameMinChars)
  .max(limits.usernameMaxChars)
  .regex(/^[A-Za-z0-9_.@-]+$/, 'letters, digits and _ . @ -')
  .describe('Letters, digits and `_ . @ -`; upper and lower case are the same.')

/** Body of `POST /account/register` and `POST /account/login`. */
export const credentials = z.object({
  username,
  password: z.string().min(limits.passwordMinChars).max(limits.passwordMaxChars),
})

/** Answer of register and login: show `token` to the gate before `expiresAtMs`. */
export const accountToken = z.object({ uid: id, token: z.string(), expiresAtMs: timestampMs })

/** Answer of `GET /serverList?serverType=gate`: where clients can connect. */
export const serverList = z.object({
  servers: z.array(
    z.object({
      id,
      type: z.string(),
      zone: z.string(),
      host: z.string(),
      port: z.number().int(),
      tls: z
        .boolean()
        .exactOptional()
        .describe(
          'Whether it is reached by TLS: with `wss://` instead of `ws://`. Absent: it does not say, as gates of former releases.',
        ),
    }),
  ),
})

/** A contract of one endpoint of the http service that players use. Bodies and answers are JSON. */
export interface AccountEndpoint<
  Request extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
> {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** The JSON body of a POST, the query of a GET. */
  readonly request: Request
  readonly response: Response
  readonly errors: readonly ErrorCode[]
  readonly summary: string
}

const endpoint = <Request extends z.ZodType, Response extends z.ZodType>(
  contract: AccountEndpoint<Request, Response>,
): AccountEndpoint<Request, Response> => Object.freeze(contract)

/** The endpoints of the http service that players use, in the form of the route contracts. */
export const accountEndpoints = Object.freeze({
  register: endpoint({
    method: 'POST',
    path: '/account/register',
    request: credentials,
    response: accountToken,
    errors: ['USERNAME_TAKEN'],
    summary: 'Create an account and log it in.',
  }),
  login: endpoint({
    method: 'POST',
    path: '/account/login',
    request: credentials,
    response: accountToken,
    errors: ['CREDENTIALS_WRONG'],
    summary: 'Prove who you are and receive the token that a gate asks for.',
  }),
  serverList: endpoint({
    method: 'GET',
    path: '/serverList',
    request: z.object({ serverType: z.string().describe('`gate` for what clients connect to.') }),
    response: serverList,
    errors: [],
    summary: 'Where the running servers of a type can be reached.',
  }),
})

/** Type of {@link credentials}. */
export type Credentials = z.output<typeof credentials>
/** Type of {@link accountToken}. */
export type AccountToken = z.output<typeof accountToken>
/** Type of {@link serverList}. */
export type ServerList = z.output<typeof serverList>
