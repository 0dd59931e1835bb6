import { describe, expect, expectTypeOf, test } from 'vitest'
import * as z from 'zod'
import { defineEvent } from './define-event.ts'
import {
  defineInternal,
  definePush,
  defineRoute,
  serviceOf,
  type HandlerTable,
  type ParsedRequestOf,
  type PayloadOf,
  type RequestOf,
  type ResponseOf,
  type Route,
} from './define-route.ts'
import { routes, type HandlersOf, type pushes, type RoutesOf } from './routes/index.ts'

interface UserSession {
  readonly uid: string
}
interface RoleSession extends UserSession {
  readonly rid: string
}
interface Contexts {
  readonly none: { readonly address: string }
  readonly user: { readonly session: UserSession }
  readonly role: { readonly session: RoleSession }
  readonly internal: { readonly from: string }
}
type GateHandlers = HandlersOf<'gate', Contexts>
type GameHandlers = HandlersOf<'game', Contexts>
type ChatHandlers = HandlersOf<'chat', Contexts>
type ContextOf<Handler extends (...args: never[]) => unknown> = Parameters<Handler>[0]

describe('definitions', () => {
  test('are frozen and know what they are', () => {
    const route = defineRoute({
      name: 'chat.test.say',
      code: 9,
      kind: 'notify',
      auth: 'none',
      request: z.object({}),
      response: z.object({}),
      errors: [],
      summary: 'A route.',
    })
    const internal = defineInternal({
      name: 'chat.test.tell',
      request: z.object({}),
      response: z.object({}),
      errors: [],
      summary: 'A call.',
    })
    const push = definePush({ name: 'chat.test.said', code: 10, payload: z.object({}), summary: 'A push.' })
    const event = defineEvent({ name: 'chat.test.done', payload: z.object({}), summary: 'An event.' })
    expect([route, internal, push, event].every(Object.isFrozen)).toBe(true)
    expect(route.internal).toBe(false)
    expect(internal).toMatchObject({ internal: true, kind: 'request' })
    expect(serviceOf(route.name)).toBe('chat')
  })
})

// Checked by `tsc -b` (npm run typecheck): at run time these pass by themselves.
describe('types', () => {
  test('a route keeps its literals', () => {
    expectTypeOf(routes.chat.channel.send.name).toEqualTypeOf<'chat.channel.send'>()
    expectTypeOf(routes.chat.channel.send.kind).toEqualTypeOf<'request'>()
    expectTypeOf(routes.chat.channel.send.auth).toEqualTypeOf<'role'>()
    expectTypeOf(routes.game.role.leave).not.toExtend<Route>()
  })

  test('defaults may be left out by callers and are there for handlers', () => {
    type History = typeof routes.chat.channel.history
    expectTypeOf<RequestOf<History>['limit']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<ParsedRequestOf<History>['limit']>().toEqualTypeOf<number>()
    expectTypeOf<ResponseOf<typeof routes.game.role.list>['roles'][number]['rid']>().toBeString()
    expectTypeOf<PayloadOf<typeof pushes.chat.channel.message>['seq']>().toBeNumber()
  })

  test('a service owns the routes of its name', () => {
    expectTypeOf<RoutesOf<'gate'>['name']>().toEqualTypeOf<
      | 'gate.session.login'
      | 'gate.session.logout'
      | 'gate.session.renew'
      | 'gate.session.kick'
      | 'gate.session.update'
      | 'gate.session.get'
      | 'gate.session.present'
      | 'gate.account.kick'
      | 'gate.account.ban'
      | 'gate.topic.join'
      | 'gate.topic.leave'
    >()
    expectTypeOf<'chat.channel.send'>().toExtend<RoutesOf<'chat'>['name']>()
    expectTypeOf<RoutesOf<'http'>>().toBeNever()
  })

  test('a handler that is missing, misspelt or mistyped does not compile', () => {
    expectTypeOf<ChatHandlers>().toExtend<ChatHandlers>()
    expectTypeOf<Omit<ChatHandlers, 'chat.channel.send'>>().not.toExtend<ChatHandlers>()

    type Misspelt = Omit<ChatHandlers, 'chat.channel.send'> & {
      readonly 'chat.channel.sent': ChatHandlers['chat.channel.send']
    }
    expectTypeOf<Misspelt>().not.toExtend<ChatHandlers>()

    type WrongAnswer = Omit<ChatHandlers, 'chat.channel.send'> & {
      readonly 'chat.channel.send': () => { seq: string; sentAtMs: number }
    }
    expectTypeOf<WrongAnswer>().not.toExtend<ChatHandlers>()

    type WrongBody = Omit<ChatHandlers, 'chat.channel.send'> & {
      readonly 'chat.channel.send': (
        context: Contexts['role'],
        body: { channel: number },
      ) => { seq: number; sentAtMs: number }
    }
    expectTypeOf<WrongBody>().not.toExtend<ChatHandlers>()

    type RightOne = Omit<ChatHandlers, 'chat.channel.send'> & {
      readonly 'chat.channel.send': (
        context: Contexts['role'],
        body: { channel: string; text: string },
      ) => Promise<{ seq: number; sentAtMs: number }>
    }
    expectTypeOf<RightOne>().toExtend<ChatHandlers>()
  })

  test('the context follows from auth: only role routes have a role, none has no session at all', () => {
    expectTypeOf<ContextOf<GameHandlers['game.role.rename']>>().toEqualTypeOf<Contexts['role']>()
    expectTypeOf<ContextOf<GameHandlers['game.role.create']>>().toEqualTypeOf<Contexts['user']>()
    expectTypeOf<ContextOf<GameHandlers['game.role.leave']>>().toEqualTypeOf<Contexts['internal']>()
    expectTypeOf<ContextOf<GateHandlers['gate.session.login']>>().toEqualTypeOf<Contexts['none']>()
    expectTypeOf<ContextOf<GateHandlers['gate.session.login']>>().not.toHaveProperty('session')
    expectTypeOf<ContextOf<GameHandlers['game.role.create']>['session']>().not.toHaveProperty('rid')

    // A handler that wants a role where the route does not promise one.
    type Greedy = (context: Contexts['role'], body: { name: string }) => never
    expectTypeOf<Greedy>().not.toExtend<GameHandlers['game.role.create']>()
  })

  test('a table over no routes asks for nothing', () => {
    expectTypeOf<HandlerTable<never, Contexts>>().toEqualTypeOf<Record<never, never>>()
  })
})
