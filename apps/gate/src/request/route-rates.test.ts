import { expect, it } from 'vitest'
import { parseRouteRate, RouteRates } from './route-rates.ts'

it.each([
  ['chat.channel.send=5/10', { route: 'chat.channel.send', ratePerSecond: 5, rateBurst: 10 }],
  ['game.role.ping=0.5/1', { route: 'game.role.ping', ratePerSecond: 0.5, rateBurst: 1 }],
  ['chat.channel.shout=5/10', undefined],
  ['chat.channel.send=5', undefined],
  ['chat.channel.send=0/10', undefined],
  ['chat.channel.send=5/0', undefined],
  ['', undefined],
])('%j is the limit %j', (text, rate) => {
  expect(parseRouteRate(text)).toEqual(rate)
})

it('limits the named routes, each session for itself, and lets the others pass', () => {
  const rates = new RouteRates(['chat.channel.send=1/2'], 2)
  const [one, other] = [{ routeRates: undefined }, { routeRates: undefined }]
  const take = (session: { routeRates: undefined }, nowMs: number) =>
    rates.take(session, 'chat.channel.send', nowMs)
  expect([0, 0, 0, 0, 0].map((ms) => take(one, ms))).toEqual([
    'allowed',
    'allowed',
    'refused',
    'refused',
    'closed',
  ])
  expect(take(other, 0)).toBe('allowed')
  expect(rates.take(one, 'game.role.ping', 0)).toBe('allowed')
  expect(take(one, 10_000)).toBe('allowed')
})
