import type { Counter, CounterChild, Histogram, HistogramChild } from './metrics.ts'

interface RouteOutcomes {
  readonly seconds: HistogramChild
  readonly codes: Map<string, CounterChild>
}

/**
 * Counts how requests end, by route and code, and how long they took, by route. It keeps the child of each pair of
 * labels at hand, because this happens with every request; whoever calls it bounds the names that it is given.
 *
 * @example
 * const outcomes = new Outcomes(metrics.counter({ …, labels: ['route', 'code'] }), metrics.histogram({ …, labels: ['route'] }))
 * outcomes.note('game.role.get', 'OK', 0.002)
 */
export class Outcomes {
  readonly #count: Counter
  readonly #seconds: Histogram
  readonly #routes = new Map<string, RouteOutcomes>()

  constructor(count: Counter, seconds: Histogram) {
    this.#count = count
    this.#seconds = seconds
  }

  /** Notes one end. */
  note(route: string, code: string, seconds: number): void {
    let known = this.#routes.get(route)
    if (known === undefined) {
      known = { seconds: this.#seconds.child({ route }), codes: new Map() }
      this.#routes.set(route, known)
    }
    let count = known.codes.get(code)
    if (count === undefined) {
      count = this.#count.child({ route, code })
      known.codes.set(code, count)
    }
    count.inc()
    known.seconds.observe(seconds)
  }
}
