import type { Behaviour } from './behaviour.ts'

/** One of these, each as often as its weight says. */
export function oneOf(weighted: readonly (readonly [weight: number, behaviour: Behaviour])[]): Behaviour {
  const total = weighted.reduce((sum, [weight]) => sum + weight, 0)
  if (!(total > 0)) throw new RangeError('One of the weights must be above 0.')
  return {
    name: 'one of',
    async run(me) {
      let left = me.random() * total
      for (const [weight, behaviour] of weighted) {
        left -= weight
        if (left < 0) return behaviour.run(me)
      }
    },
  }
}

/** All of these, one after the other; less when the round is to end. */
export function inTurn(...behaviours: readonly Behaviour[]): Behaviour {
  return {
    name: 'in turn',
    async run(me) {
      for (const behaviour of behaviours) {
        if (me.signal.aborted) return
        await behaviour.run(me)
      }
    },
  }
}

/** The same so many times; less when the round is to end. */
export function times(count: number, behaviour: Behaviour): Behaviour {
  return inTurn(...Array.from({ length: count }, () => behaviour))
}

/** Nothing, for a random time. */
export function rest(minMs: number, maxMs: number): Behaviour {
  return { name: 'rest', run: (me) => me.pause(minMs + me.random() * (maxMs - minMs)) }
}
