import { routeByName } from '@hydra/protocol'
import { takeToken, type RateLimit, type RateState, type RateVerdict } from './rate-limit.ts'

/** A limit of one route: `chat.channel.send=5/10` is 5 messages per second in the long run and 10 at once. */
export interface RouteRate {
  readonly route: string
  readonly ratePerSecond: number
  readonly rateBurst: number
}

const form = /^([a-z][A-Za-z.]*)=(\d+(?:\.\d+)?)\/(\d+)$/

/** Reads `<route>=<per second>/<at once>`; `undefined` when it is none, or no route has the name. */
export function parseRouteRate(text: string): RouteRate | undefined {
  const [, route = '', perSecond, burst] = form.exec(text) ?? []
  const rate = { route, ratePerSecond: Number(perSecond), rateBurst: Number(burst) }
  return routeByName(route) !== undefined && rate.ratePerSecond > 0 && rate.rateBurst > 0 ? rate : undefined
}

/** What a session keeps of the routes that it has used and that have a limit: as many as there are limits, at most. */
export type RouteRateStates = Map<string, RateState>

/** The limits of single routes, besides that of all messages of a session. */
export class RouteRates {
  readonly #byRoute: ReadonlyMap<string, RateLimit>

  constructor(rates: readonly string[], rateRefusalsMax: number) {
    const parsed = rates.map(parseRouteRate).filter((rate) => rate !== undefined)
    this.#byRoute = new Map(
      parsed.map(({ route, ratePerSecond, rateBurst }) => [
        route,
        { ratePerSecond, rateBurst, rateRefusalsMax },
      ]),
    )
  }

  take(session: { routeRates: RouteRateStates | undefined }, route: string, nowMs: number): RateVerdict {
    const limit = this.#byRoute.get(route)
    if (limit === undefined) return 'allowed'
    session.routeRates ??= new Map()
    let state = session.routeRates.get(route)
    if (state === undefined) {
      state = { rateTokens: limit.rateBurst, rateAtMs: nowMs }
      session.routeRates.set(route, state)
    }
    return takeToken(state, limit, nowMs)
  }
}
