import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { accountEndpoints } from '../account.ts'
import { serviceOf, services } from '../define-route.ts'
import { isErrorCode } from '../error-codes.ts'
import { indexUnique } from './index-unique.ts'
import {
  allEvents,
  allPushes,
  allRoutes,
  contractByCode,
  events,
  publicRoutes,
  pushes,
  routeByName,
  routeDictionary,
  routes,
} from './index.ts'

/**
 * Clients in the field hold these numbers. Adding a line is fine; changing or removing one breaks them, so it needs an
 * ADR and this table.
 */
const codes = {
  'gate.session.login': 101,
  'gate.session.logout': 102,
  'gate.session.renew': 103,
  'gate.server.draining': 151,
  'game.role.list': 201,
  'game.role.create': 202,
  'game.role.enter': 203,
  'game.role.rename': 204,
  'game.role.get': 205,
  'game.role.ping': 206,
  'game.settings.get': 207,
  'game.settings.set': 208,
  'game.wallet.get': 209,
  'game.scene.enter': 210,
  'game.scene.leave': 211,
  'game.scene.move': 212,
  'game.scene.travel': 213,
  'game.scene.attack': 214,
  'game.scene.pick': 215,
  'game.scene.resync': 216,
  'game.bag.get': 220,
  'game.bag.move': 221,
  'game.bag.use': 222,
  'game.bag.sell': 223,
  'game.wallet.ledger': 224,
  'game.daily.get': 225,
  'game.daily.claim': 226,
  'game.team.create': 230,
  'game.team.get': 231,
  'game.team.invite': 232,
  'game.team.uninvite': 233,
  'game.team.accept': 234,
  'game.team.decline': 235,
  'game.team.apply': 236,
  'game.team.cancel': 237,
  'game.team.approve': 238,
  'game.team.reject': 239,
  'game.team.leave': 240,
  'game.team.kick': 241,
  'game.team.handOver': 242,
  'game.team.disband': 243,
  'game.scene.delta': 251,
  'game.scene.view': 252,
  'game.scene.beat': 253,
  'game.scene.closed': 254,
  'game.daily.reset': 256,
  'game.role.rewarded': 257,
  'game.team.changed': 261,
  'game.team.invited': 262,
  'game.team.answered': 263,
  'chat.channel.send': 301,
  'chat.channel.history': 302,
  'chat.channel.join': 303,
  'chat.channel.list': 304,
  'chat.channel.read': 305,
  'chat.channel.delete': 306,
  'chat.mute.add': 311,
  'chat.mute.remove': 312,
  'chat.mute.list': 313,
  'chat.presence.get': 321,
  'chat.presence.watch': 322,
  'chat.presence.unwatch': 323,
  'chat.alliance.create': 325,
  'chat.alliance.get': 326,
  'chat.alliance.mine': 327,
  'chat.alliance.search': 328,
  'chat.alliance.members': 329,
  'chat.alliance.apply': 330,
  'chat.alliance.cancel': 331,
  'chat.alliance.applications': 332,
  'chat.alliance.approve': 333,
  'chat.alliance.reject': 334,
  'chat.alliance.invite': 335,
  'chat.alliance.uninvite': 336,
  'chat.alliance.requests': 337,
  'chat.alliance.accept': 338,
  'chat.alliance.decline': 339,
  'chat.alliance.leave': 340,
  'chat.alliance.kick': 341,
  'chat.alliance.promote': 342,
  'chat.alliance.demote': 343,
  'chat.alliance.handOver': 344,
  'chat.alliance.update': 345,
  'chat.alliance.disband': 346,
  'chat.alliance.log': 347,
  'chat.channel.message': 351,
  'chat.channel.deleted': 352,
  'chat.presence.changed': 361,
  'chat.alliance.changed': 371,
  'chat.alliance.answered': 372,
}

type Tree = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, { name: string }>>>>>>
const trees: [string, Tree][] = [
  ['routes', routes],
  ['pushes', pushes],
  ['events', events],
]

test('codes are what clients in the field know', () => {
  expect(routeDictionary).toEqual(codes)
})

test('every public route and push, and no internal route, is found by its code', () => {
  for (const contract of [...publicRoutes, ...allPushes]) expect(contractByCode(contract.code)).toBe(contract)
  expect(contractByCode(0)).toBeUndefined()
  for (const route of allRoutes.filter(({ internal }) => internal)) {
    expect(route).not.toHaveProperty('code')
    expect(Object.keys(routeDictionary)).not.toContain(route.name)
  }
})

test('every route is found by its name; names of objects are no routes', () => {
  for (const route of allRoutes) expect(routeByName(route.name)).toBe(route)
  for (const name of ['', 'game', 'game.role', 'constructor', '__proto__', 'chat.channel.message']) {
    expect(routeByName(name)).toBeUndefined()
  }
})

test.each(trees)('%s are reachable under their own names', (_, tree) => {
  for (const [service, features] of Object.entries(tree)) {
    for (const [feature, contracts] of Object.entries(features)) {
      for (const [action, { name }] of Object.entries(contracts)) {
        expect(`${service}.${feature}.${action}`).toBe(name)
      }
    }
  }
})

describe.each([...allRoutes, ...allPushes, ...allEvents])('$name', (contract) => {
  const schemas: [string, z.ZodType][] =
    'payload' in contract
      ? [['payload', contract.payload]]
      : [
          ['request', contract.request],
          ['response', contract.response],
        ]

  test('is named service.feature.action and says what it is for', () => {
    expect(contract.name).toMatch(/^[a-z]+\.[a-z][A-Za-z]*\.[a-z][A-Za-z]*$/)
    expect(services).toContain(serviceOf(contract.name))
    expect(contract.summary).toMatch(/^[A-Z].*\.$/)
  })

  test.each(schemas)('%s is an object that both serializers and other languages can carry', (_, schema) => {
    // Throws for dates, sets, bigints, functions and whatever else JSON Schema has no words for.
    expect(z.toJSONSchema(schema, { io: 'input' })).toMatchObject({ type: 'object' })
    expect(z.toJSONSchema(schema, { io: 'output' })).toMatchObject({ type: 'object' })
  })
})

test('contracts name known error codes, each once', () => {
  for (const { errors } of [...allRoutes, ...Object.values(accountEndpoints)]) {
    expect(errors.every(isErrorCode)).toBe(true)
    expect(new Set(errors).size).toBe(errors.length)
  }
})

describe('indexUnique', () => {
  const contract = (name: string, code: number) => ({ name, code })

  test('refuses two contracts with one code, naming both', () => {
    expect(() => indexUnique([contract('a.b.c', 1), contract('d.e.f', 1)], ({ code }) => code)).toThrow(
      'd.e.f and a.b.c share "1"',
    )
  })

  test.each([0, -1, 65_536, 1.5])('refuses the code %d', (code) => {
    expect(() => indexUnique([contract('a.b.c', code)], (each) => each.code)).toThrow(/does not fit u16/)
  })
})
