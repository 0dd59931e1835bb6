import { accountEndpoints, publicRoutes, type ErrorCode, type Route, type RouteAuth } from '@hydra/protocol'
import type * as z from 'zod'
import { toJsonSchema, type JsonSchema } from '../docs/json-schema.ts'

/** What can be called: a route of the gate, or an endpoint of http. */
export interface Callable {
  /** `game.role.create`, or `register`. */
  readonly name: string
  readonly kind: 'http' | 'request' | 'notify'
  readonly auth: RouteAuth
  readonly summary: string
  readonly request: z.ZodType
  readonly response: z.ZodType
  readonly errors: readonly ErrorCode[]
  /** The form of its body; `properties` are its arguments. */
  readonly body: JsonSchema
  /** Absent for endpoints of http. */
  readonly route?: Route
}

/** Arguments that are nobody else's business. */
export const secretArguments: ReadonlySet<string> = new Set(['password', 'token'])

/** Everything that can be called. */
export const callables: readonly Callable[] = [
  ...Object.entries(accountEndpoints).map(([name, { summary, request, response, errors }]): Callable => ({
    name,
    kind: 'http',
    auth: 'none',
    summary,
    request,
    response,
    errors,
    body: toJsonSchema(request, 'input'),
  })),
  ...publicRoutes.map((route): Callable => ({
    name: route.name,
    kind: route.kind,
    auth: route.auth,
    summary: route.summary,
    request: route.request,
    response: route.response,
    errors: route.errors,
    body: toJsonSchema(route.request, 'input'),
    route,
  })),
]

/**
 * What a name means: the whole name, or its last two parts where only one has them.
 *
 * @example findCallable('role.create')?.name // 'game.role.create'
 */
export function findCallable(name: string): Callable | undefined {
  const exact = callables.find((each) => each.name === name)
  if (exact !== undefined || name.split('.').length !== 2) return exact
  const [found, other] = callables.filter((each) => each.name.endsWith(`.${name}`))
  return other === undefined ? found : undefined
}

/** The arguments of a callable, in order. */
export const argumentsOf = ({ body }: Callable): readonly (readonly [name: string, schema: JsonSchema])[] =>
  Object.entries(body.properties ?? {})

/** Those that may be given in their order, without names: the required ones, or all where none is required. */
export function orderedArguments(callable: Callable): ReturnType<typeof argumentsOf> {
  const required = argumentsOf(callable).filter(([name]) => callable.body.required?.includes(name) === true)
  return required.length === 0 ? argumentsOf(callable) : required
}
