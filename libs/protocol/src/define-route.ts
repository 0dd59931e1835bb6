import type * as z from 'zod'
import type { ErrorCode } from './error-codes.ts'

/** The services that own routes; also the first segment of each route name. */
export const services = ['gate', 'http', 'game', 'chat'] as const
/** One of {@link services}. */
export type Service = (typeof services)[number]

/** `<service>.<feature>.<action>`: the name is also the path of contract and handler. */
export type RouteName = `${Service}.${string}.${string}`

/**
 * What a session must have done before a route may be called:
 * nothing, `gate.session.login` (`user`), or also `game.role.enter` (`role`).
 */
export type RouteAuth = 'none' | 'user' | 'role'

/** A contract of one route that clients may call. */
export interface Route<
  Name extends RouteName = RouteName,
  Kind extends 'request' | 'notify' = 'request' | 'notify',
  Auth extends RouteAuth = RouteAuth,
  Request extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
> {
  readonly name: Name
  /** Stable u16 that may stand for the name on the wire. */
  readonly code: number
  readonly kind: Kind
  readonly auth: Auth
  readonly request: Request
  readonly response: Response
  /** Codes specific to this route; the general ones (`BAD_REQUEST`, `TIMEOUT` …) may always occur. */
  readonly errors: readonly ErrorCode[]
  readonly summary: string
  readonly internal: false
}

/** A contract of one server-to-server call. The gate refuses to forward it. */
export interface InternalRoute<
  Name extends RouteName = RouteName,
  Request extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
> {
  readonly name: Name
  readonly kind: 'request'
  readonly request: Request
  readonly response: Response
  readonly errors: readonly ErrorCode[]
  readonly summary: string
  readonly internal: true
}

/** A contract of one message that servers send unasked. */
export interface Push<Name extends RouteName = RouteName, Payload extends z.ZodType = z.ZodType> {
  readonly name: Name
  readonly code: number
  readonly payload: Payload
  readonly summary: string
}

/**
 * Contracts a route that clients call.
 *
 * @example
 * export const send = defineRoute({
 *   name: 'chat.channel.send', code: 301, kind: 'request', auth: 'role',
 *   request: z.object({ channel: channelName, text: z.string() }),
 *   response: z.object({ seq: z.number().int() }),
 *   errors: ['CHAT_NOT_JOINED'],
 *   summary: 'Post to a joined channel.',
 * })
 */
export function defineRoute<
  const Name extends RouteName,
  const Kind extends 'request' | 'notify',
  const Auth extends RouteAuth,
  Request extends z.ZodType,
  Response extends z.ZodType,
>(
  contract: Omit<Route<Name, Kind, Auth, Request, Response>, 'internal'>,
): Route<Name, Kind, Auth, Request, Response> {
  return Object.freeze({ ...contract, internal: false as const })
}

/**
 * Contracts a server-to-server call.
 *
 * @example
 * export const kick = defineInternal({
 *   name: 'gate.session.kick', request: z.object({ sid: z.string() }), response: z.object({}),
 *   errors: [], summary: 'Close a session.',
 * })
 */
export function defineInternal<
  const Name extends RouteName,
  Request extends z.ZodType,
  Response extends z.ZodType,
>(
  contract: Omit<InternalRoute<Name, Request, Response>, 'internal' | 'kind'>,
): InternalRoute<Name, Request, Response> {
  return Object.freeze({ ...contract, kind: 'request' as const, internal: true as const })
}

/**
 * Contracts a push.
 *
 * @example
 * export const message = definePush({
 *   name: 'chat.channel.message', code: 351, payload: chatMessage, summary: 'Somebody spoke.',
 * })
 */
export function definePush<const Name extends RouteName, Payload extends z.ZodType>(
  contract: Push<Name, Payload>,
): Push<Name, Payload> {
  return Object.freeze({ ...contract })
}

/** What a caller passes: defaults may be left out. */
export type RequestOf<R extends { request: z.ZodType }> = z.input<R['request']>
/** What a handler receives: defaults are filled in. */
export type ParsedRequestOf<R extends { request: z.ZodType }> = z.output<R['request']>
/** What a handler returns and a caller receives. */
export type ResponseOf<R extends { response: z.ZodType }> = z.output<R['response']>
/** What a push carries. */
export type PayloadOf<P extends { payload: z.ZodType }> = z.output<P['payload']>

/** Either kind of contract that a server answers. */
export type AnyRoute = Route | InternalRoute

/**
 * What a handler is given besides the body, by the `auth` of its route: a handler of a `role` route can rely on a
 * role being there. Internal routes have no session of their own.
 */
export interface ContextByAuth {
  readonly none: unknown
  readonly user: unknown
  readonly role: unknown
  readonly internal: unknown
}

type ContextFor<R extends AnyRoute, Contexts extends ContextByAuth> = R extends {
  auth: infer Auth extends RouteAuth
}
  ? Contexts[Auth]
  : Contexts['internal']

/**
 * The table of handlers that implements `Routes` (a union of contracts): one function per route name.
 * A missing, misspelt or mistyped handler does not compile.
 */
export type HandlerTable<Routes extends AnyRoute, Contexts extends ContextByAuth> = {
  readonly [R in Routes as R['name']]: (
    context: ContextFor<R, Contexts>,
    body: ParsedRequestOf<R>,
  ) => ResponseOf<R> | Promise<ResponseOf<R>>
}

/** The service that owns a route: the first segment of its name. */
export function serviceOf(name: RouteName): Service {
  return name.slice(0, name.indexOf('.')) as Service
}
