import { isDeepStrictEqual } from 'node:util'
import type { Tables } from '../tables/tables.ts'
import { applied, type OwnedValue, type ValueCall } from './value-model.ts'

/** A call, and how it was answered in the end. */
export interface AnsweredCall {
  readonly call: ValueCall
  readonly answer: string
}

/** What can be seen of what a role owns. */
export type SeenValue = Omit<OwnedValue, 'operations' | 'endedHolds'>

/** What a role may own after what was answered: calls that came at one time were made in one order or another. */
export class PossibleValues {
  #values: readonly OwnedValue[]
  readonly #tables: Tables

  constructor(value: OwnedValue, tables: Tables) {
    this.#values = [value]
    this.#tables = tables
  }

  /** One of them. */
  get any(): OwnedValue {
    const [value] = this.#values
    if (value === undefined) throw new Error('there is always one')
    return value
  }

  /** Calls were made at one time. @throws Error when no order of them leads to these answers. */
  made(calls: readonly AnsweredCall[]): void {
    const after: OwnedValue[] = []
    for (const value of this.#values) {
      for (const order of orders(calls)) {
        const next = this.#inOrder(value, order)
        if (next !== undefined && !after.some((known) => isDeepStrictEqual(known, next))) after.push(next)
      }
    }
    if (after.length === 0) {
      throw new Error(
        `no order leads to these answers: ${JSON.stringify(calls)}, from ${JSON.stringify(this.#values)}`,
      )
    }
    this.#values = after
  }

  /** The role is seen to own this. @throws Error when it cannot. */
  seen(value: SeenValue): void {
    const same = this.#values.filter((one) => isDeepStrictEqual(seenOf(one), seenOf(value)))
    if (same.length === 0) {
      throw new Error(`it owns\n${JSON.stringify(value)}\nwhich is none of\n${JSON.stringify(this.#values)}`)
    }
    this.#values = same
  }

  #inOrder(value: OwnedValue, order: readonly AnsweredCall[]): OwnedValue | undefined {
    let now = value
    for (const { call, answer } of order) {
      const outcome = applied(now, call, this.#tables)
      if (outcome.answer !== answer) return undefined
      now = outcome.value
    }
    return now
  }
}

const seenOf = ({ level, exp, gold, gems, held, slots, ledger }: SeenValue): SeenValue => ({
  level,
  exp,
  gold,
  gems,
  held,
  slots,
  ledger,
})

function orders<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length <= 1) return [items]
  return items.flatMap((first, index) =>
    orders(items.toSpliced(index, 1)).map((rest) => [first].concat(rest)),
  )
}
