import { HydraError } from '@hydra/protocol'
import { systemClock } from '@hydra/runtime'
import { testBackends, uniqueName } from '@hydra/testing'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migrate } from '../migrations/migrate.ts'
import type { JsonObject } from '../role-snapshot.ts'
import { ModelObjects } from '../test-support/model-objects.ts'
import { testDatabases, type TestDatabase } from '../test-support/test-databases.ts'
import { idText } from './check-storage-objects.ts'
import { createStorageObjects } from './sql-storage-objects.ts'
import type { PutCondition, StorageChange, StorageObject, StorageObjects } from './storage-objects.ts'

const objectsPerRoleMax = 4
const roles = ['one', 'two'] as const
const collections = ['bag', 'mail'] as const

/** `right`: what is there now; otherwise so many versions beside it. */
type Guess = 'any' | 'absent' | 'right' | -2 | -1 | 1
interface Change {
  readonly kind: 'put' | 'delete'
  readonly id: { readonly rid: string; readonly collection: string; readonly key: string }
  readonly value: JsonObject
  readonly guess: Guess
}
type Step =
  | { readonly do: 'write'; readonly change: Change }
  | { readonly do: 'batch'; readonly changes: readonly Change[] }
  | { readonly do: 'list'; readonly limit: number; readonly after: string }

const key = fc.constantFrom('a', 'a-', 'B', '__proto__')
const id = fc.record({ rid: fc.constantFrom(...roles), collection: fc.constantFrom(...collections), key })
const value = fc
  .dictionary(fc.oneof(fc.string({ unit: 'binary' }), fc.constant('__proto__')), fc.jsonValue(), {
    maxKeys: 3,
  })
  .map((given) => JSON.parse(JSON.stringify(given)) as JsonObject)
const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('put', 'put', 'delete'),
  id,
  value,
  guess: fc.constantFrom<Guess>('any', 'absent', 'absent', 'right', 'right', 'right', -2, -1, 1),
})
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('write' as const), change }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('batch' as const),
      changes: fc.uniqueArray(change, { maxLength: 5, selector: (one) => idText(one.id) }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('list' as const),
      limit: fc.integer({ min: 1, max: 3 }),
      after: key,
    }),
  },
) satisfies fc.Arbitrary<Step>

/** Does the same to database and model, for roles that no other run has. */
class Run {
  readonly #objects: StorageObjects
  readonly #model = new ModelObjects(objectsPerRoleMax)
  readonly #prefix: string
  readonly #count: (event: string) => void

  constructor(objects: StorageObjects, prefix: string, count: (event: string) => void) {
    this.#objects = objects
    this.#prefix = prefix
    this.#count = count
  }

  async apply(given: Step): Promise<void> {
    if (given.do === 'list') {
      for (const rid of roles) await this.#list(this.#prefix + rid, given.limit, given.after)
      return
    }
    const changes = (given.do === 'write' ? [given.change] : given.changes).map((one) => this.#resolve(one))
    const expected = this.#model.write(changes)
    const [single] = changes
    const answer =
      given.do === 'write' && single !== undefined ? this.#write(single) : this.#objects.batch(changes)
    const settled = await answer.catch((error: unknown) => HydraError.from(error).code)
    expect(settled).toEqual(expected)
    this.#count(typeof expected === 'string' ? expected : given.do)
    await this.#check()
  }

  async #write(given: StorageChange): Promise<readonly number[]> {
    if (given.kind === 'put') return [await this.#objects.put(given, given.condition)]
    const { rid, collection, key: name, ...options } = given
    await this.#objects.delete(rid, collection, name, options)
    return [0]
  }

  #resolve({ kind, id: given, value: content, guess }: Change): StorageChange {
    const target = { ...given, rid: this.#prefix + given.rid }
    const current = this.#model.get(target)?.version ?? 0
    const version = current + (typeof guess === 'number' ? guess : 0)
    // There is no version below 1: such a guess becomes one that does not hold, or does not ask.
    const condition: PutCondition = typeof guess === 'string' && guess !== 'right' ? guess : version
    if (kind === 'put') {
      return { kind, ...target, value: content, condition: version < 1 ? 'absent' : condition }
    }
    return {
      kind,
      ...target,
      ...(typeof condition === 'number' && version >= 1 ? { ifVersion: version } : {}),
    }
  }

  async #list(rid: string, limit: number, after: string): Promise<void> {
    for (const collection of collections) {
      const expected = this.#model.list(rid, collection, after)
      const { objects, next } = await this.#objects.list(rid, collection, { limit, after })
      expect(objects.map(asModel)).toEqual(expected.slice(0, limit))
      expect(next).toBe(expected.length > limit ? expected[limit - 1]?.key : undefined)
    }
  }

  async #check(): Promise<void> {
    for (const rid of roles.map((role) => this.#prefix + role)) {
      for (const collection of collections) {
        const { objects } = await this.#objects.list(rid, collection)
        expect(objects.map(asModel)).toEqual(this.#model.list(rid, collection, ''))
        const [first] = objects
        if (first !== undefined) expect(await this.#objects.get(rid, collection, first.key)).toEqual(first)
      }
    }
  }
}

const asModel = ({ rid, collection, key: name, version, value: content }: StorageObject) => ({
  rid,
  collection,
  key: name,
  version,
  text: JSON.stringify(content),
})

describe.each(testDatabases({ ...testBackends(), uniqueName }))('storage objects on $kind', ({ create }) => {
  let empty: TestDatabase
  let objects: StorageObjects
  beforeAll(async () => {
    empty = await create()
    const database = empty.open()
    await migrate(database)
    objects = createStorageObjects(database, { clock: systemClock, objectsPerRoleMax })
  })
  afterAll(() => empty.drop())

  test('do what the model does, whatever the calls', { timeout: 60_000 }, async () => {
    const counts = new Map<string, number>()
    const count = (event: string) => counts.set(event, (counts.get(event) ?? 0) + 1)
    let runs = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
        const run = new Run(objects, `r-${++runs}-`, count)
        for (const given of steps) await run.apply(given)
      }),
      { numRuns: 60 },
    )
    // Otherwise the steps would not try what they are there for.
    for (const event of ['write', 'batch', 'VERSION_CONFLICT', 'STORAGE_LIMIT_REACHED']) {
      expect([event, counts.get(event) ?? 0]).toEqual([event, expect.toSatisfy((n: number) => n >= 10)])
    }
  })
})
