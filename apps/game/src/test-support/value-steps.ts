import * as fc from 'fast-check'
import type { OwnedValue, ValueCall } from './value-model.ts'

/** What can happen to the value of several roles. */
export type ValueStep =
  /** Calls that come at one time, each of them so many times. */
  | {
      readonly do: 'calls'
      readonly role: number
      readonly drafts: readonly CallDraft[]
      readonly times: number
      /** Whether the next step comes only when they are answered. */
      readonly isAwaited: boolean
    }
  | {
      readonly do: 'fault'
      readonly kind: 'down' | 'lost' | 'hung' | 'late'
      readonly calls: readonly string[]
    }
  | { readonly do: 'heal' }
  | { readonly do: 'crash' }
  | { readonly do: 'pause'; readonly turns: number }

/** A call before it is known what there is to be called for. */
export interface CallDraft {
  readonly what: ValueCall['do'] | 'again'
  readonly pick: number
  readonly to: number
  readonly count: number
}

const draft: fc.Arbitrary<CallDraft> = fc.record({
  what: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('use' as const, 'sell' as const) },
    { weight: 2, arbitrary: fc.constant('move' as const) },
    { weight: 4, arbitrary: fc.constantFrom('kill' as const, 'loot' as const) },
    { weight: 3, arbitrary: fc.constantFrom('hold' as const, 'settle' as const, 'release' as const) },
    { weight: 2, arbitrary: fc.constant('again' as const) },
  ),
  pick: fc.nat(1_000),
  to: fc.nat(41),
  count: fc.integer({ min: 1, max: 4 }),
})

const faultyCalls = [
  'journal.append',
  'journal.settle',
  'journal.acquire',
  'journal.read',
  'journal.release',
  'roles.saveAll',
  'roles.find',
  'roles.takeOver',
  'roles.takeOverSaved',
  'objects.put',
  'objects.getMany',
]

/** A change that the journal does not take goes to the database: only both together keep it from being stored. */
const bothStores = ['journal.append', 'roles.saveAll']

/** Steps for so many roles. */
export const valueSteps = (roles: number): fc.Arbitrary<ValueStep[]> =>
  fc.array(
    fc.oneof(
      {
        weight: 10,
        arbitrary: fc.record({
          do: fc.constant('calls' as const),
          role: fc.nat(roles - 1),
          drafts: fc.array(draft, { minLength: 1, maxLength: 3 }),
          times: fc.constantFrom(1, 1, 2, 3),
          isAwaited: fc.boolean(),
        }),
      },
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('fault' as const),
          kind: fc.constantFrom(
            'down' as const,
            'lost' as const,
            'lost' as const,
            'hung' as const,
            'late' as const,
          ),
          calls: fc.constantFrom(...faultyCalls).map((call) => [call]),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant('fault' as const),
          kind: fc.constantFrom('down' as const, 'lost' as const),
          calls: fc.constant(bothStores),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('heal' as const) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
      {
        weight: 4,
        arbitrary: fc.record({ do: fc.constant('pause' as const), turns: fc.integer({ min: 1, max: 12 }) }),
      },
    ),
    { minLength: 5, maxLength: 40 },
  )

/** Makes calls that often make sense for what a role owns, and numbers them. */
export class CallMaker {
  readonly #name: string
  #operation = 0
  #made = 0
  /** The latest calls, for those who repeat one. */
  readonly #latest: ValueCall[] = []

  constructor(name: string) {
    this.#name = name
  }

  /** A call, and whether it is one that came before. */
  make(
    { what, pick, to, count }: CallDraft,
    value: OwnedValue,
  ): { readonly call: ValueCall; readonly again: boolean } {
    const former = this.#latest[pick % Math.max(1, this.#latest.length)]
    if (what === 'again' && former !== undefined) return { call: former, again: true }
    const call = this.#newCall(what === 'again' ? 'kill' : what, { pick, to, count }, value)
    this.#latest.push(call)
    // Fewer than the entries that always stay in the ring: only those are told apart.
    if (this.#latest.length > 10) this.#latest.shift()
    return { call, again: false }
  }

  #newCall(
    what: ValueCall['do'],
    { pick, to, count }: Pick<CallDraft, 'pick' | 'to' | 'count'>,
    value: OwnedValue,
  ): ValueCall {
    const taken = value.slots.flatMap((lies, slot) => (lies === null ? [] : [{ ...lies, slot }]))
    const lies = taken[pick % Math.max(1, taken.length)] ?? { item: 'herb', slot: 0 }
    switch (what) {
      case 'use':
      case 'sell':
        return { do: what, operation: ++this.#operation, slot: lies.slot, item: lies.item, count }
      case 'move': {
        const move = { do: what, operation: ++this.#operation, from: lies.slot, to, item: lies.item } as const
        return pick % 3 === 0 ? move : { ...move, count }
      }
      case 'kill':
        return { do: what, ref: this.#ref(), exp: pick % 150, gold: count, items: [] }
      case 'loot': {
        const item = ['herb', 'scroll', 'purse', 'box', 'keepsake'][pick % 5] ?? 'herb'
        return { do: what, ref: this.#ref(), exp: 0, gold: 0, items: [{ item, count }] }
      }
      case 'hold': {
        // Now and then one that comes after its end.
        const ended = pick % 4 === 0 ? value.endedHolds.at(-1) : undefined
        return { do: what, holdId: ended ?? this.#ref(), amount: (pick % 400) + 1 }
      }
      case 'settle':
      case 'release': {
        const holds = Object.keys(value.held)
        return { do: what, holdId: holds[pick % Math.max(1, holds.length)] ?? this.#ref() }
      }
    }
  }

  #ref(): string {
    return `${this.#name}-${++this.#made}`
  }
}
