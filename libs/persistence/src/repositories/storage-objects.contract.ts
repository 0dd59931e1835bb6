import { HydraError } from '@hydra/protocol'
import { systemClock } from '@hydra/runtime'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../database/database.ts'
import type { JsonObject } from '../role-snapshot.ts'
import { createStorageObjects } from './sql-storage-objects.ts'
import {
  storageObjectLimits,
  type PutCondition,
  type StorageChange,
  type StorageObjects,
} from './storage-objects.ts'

const objectsPerRoleMax = 200
const writers = 12

const codes = (tries: readonly PromiseSettledResult<unknown>[]): readonly unknown[] =>
  tries.flatMap((result) => (result.status === 'rejected' ? [HydraError.from(result.reason).code] : []))
const many = <T>(work: (index: number) => Promise<T>, count = writers): Promise<PromiseSettledResult<T>[]> =>
  Promise.allSettled(Array.from({ length: count }, (_, index) => work(index)))
const times = (count: number, code: string) => Array.from({ length: count }, () => code)
/** A value with so many characters as JSON. */
const valueOf = (chars: number): JsonObject => ({ text: 'ü'.repeat(chars - '{"text":""}'.length) })

/** What storage objects do on every database. */
export function storageObjectsContract(open: () => Promise<Database>): void {
  let objects: StorageObjects
  let made = 0
  beforeAll(async () => {
    objects = createStorageObjects(await open(), { clock: systemClock, objectsPerRoleMax })
  })

  const collection = 'mail'
  const newRid = () => `r-${++made}`
  const newId = () => ({ rid: newRid(), collection, key: 'k' })
  type Id = ReturnType<typeof newId>
  const get = ({ rid, key }: Id) => objects.get(rid, collection, key)
  const remove = ({ rid, key }: Id, ifVersion?: number) =>
    objects.delete(rid, collection, key, ifVersion === undefined ? {} : { ifVersion })
  const put = (id: Id, condition: PutCondition = 'any', value: JsonObject = {}) =>
    objects.put({ ...id, value }, condition)
  const stored = async (value: JsonObject = { n: 1 }) => {
    const id = newId()
    await put(id, 'absent', value)
    return id
  }
  const conflict = (id: Id, version: number) => ({
    code: 'VERSION_CONFLICT',
    metadata: { ...id, version },
  })

  describe('get', () => {
    test('an object comes back as it was', async () => {
      const beforeMs = Date.now()
      const value = { text: 'Ünï "q" \\ \' 🎲', list: [1, null, true, { deep: [] }], number: 1.5e-7, '': {} }
      const id = await stored(value)
      const object = await get(id)
      expect(object).toEqual({ ...id, value, version: 1, updatedAtMs: expect.any(Number) })
      expect(object?.updatedAtMs).toBeGreaterThanOrEqual(beforeMs)
      expect(object?.updatedAtMs).toBeLessThanOrEqual(Date.now())
    })

    test.each([
      ['keys that every object has', '{"__proto__":{"admin":true},"constructor":1,"toString":null}'],
      ['half of a surrogate pair', String.raw`{"\ud83c":"\udfb2"}`],
      ['zero bytes and control characters', String.raw`{"a\u0000b":"\r\n\t"}`],
    ])('%s survive', async (_, text) => {
      const id = await stored(JSON.parse(text) as JsonObject)
      expect(JSON.stringify((await get(id))?.value)).toBe(text)
    })

    test('what does not exist is not found, and case matters', async () => {
      const { rid, key } = await stored()
      expect(await objects.get(rid, collection, key.toUpperCase())).toBeUndefined()
      expect(await objects.get(rid, 'Mail', key)).toBeUndefined()
      expect(await objects.get(rid.toUpperCase(), collection, key)).toBeUndefined()
      expect(await objects.get(rid, collection, '__proto__')).toBeUndefined()
    })

    test('many are answered in the order of their ids, whatever exists', async () => {
      const [one, two, none] = [await stored({ n: 1 }), await stored({ n: 2 }), newId()]
      const found = await objects.getMany([two, none, one, two])
      expect(found.map((object) => object?.value['n'])).toEqual([2, undefined, 1, 2])
      expect(await objects.getMany([])).toEqual([])
      const full = Array.from({ length: storageObjectLimits.getMax }, () => one)
      expect(await objects.getMany(full)).toHaveLength(full.length)
      await expect(objects.getMany([...full, one])).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    })
  })

  describe('put', () => {
    test('each put has the next version', async () => {
      const id = newId()
      expect(await put(id, 'absent', { n: 1 })).toBe(1)
      expect(await put(id, 1, { n: 2 })).toBe(2)
      expect(await put(id, 'any', { n: 3 })).toBe(3)
      expect(await put(id, 3, { n: 3 })).toBe(4)
      expect(await get(id)).toMatchObject({ version: 4, value: { n: 3 } })
    })

    test('under a condition that does not hold nothing is changed, and the current version is named', async () => {
      const id = newId()
      await expect(put(id, 1)).rejects.toMatchObject(conflict(id, 0))
      expect(await get(id)).toBeUndefined()
      await put(id, 'any', { n: 1 })
      await put(id, 'any', { n: 2 })
      for (const condition of ['absent', 1, 3, Number.MAX_SAFE_INTEGER] as const) {
        await expect(put(id, condition)).rejects.toMatchObject(conflict(id, 2))
      }
      expect(await get(id)).toMatchObject({ version: 2, value: { n: 2 } })
    })

    test('a put whose answer was lost is refused when it is sent again', async () => {
      const id = await stored()
      await put(id, 1, { lost: true })
      await expect(put(id, 1, { lost: true })).rejects.toMatchObject(conflict(id, 2))
      expect(await get(id)).toMatchObject({ version: 2, value: { lost: true } })
    })

    test('a version does not come back after the object was deleted', async () => {
      const id = await stored()
      await put(id, 1)
      await remove(id)
      expect(await put(id, 'absent', { another: true })).toBe(3)
      for (const old of [1, 2]) await expect(put(id, old)).rejects.toMatchObject(conflict(id, 3))
      await remove(id, 3)
      expect(await put(id)).toBe(4)
    })

    test.each<[string, PutCondition]>([
      ['at one version', 1],
      ['for the first time', 'absent'],
    ])('of many that put an object %s at once exactly one succeeds', async (_, condition) => {
      const id = condition === 'absent' ? newId() : await stored()
      const tries = await many((index) => put(id, condition, { index }))
      expect(codes(tries)).toEqual(times(writers - 1, 'VERSION_CONFLICT'))
      const winner = tries.findIndex(({ status }) => status === 'fulfilled')
      expect(await get(id)).toMatchObject({
        version: condition === 'absent' ? 1 : 2,
        value: { index: winner },
      })
    })

    test('of many unconditional puts at once each has a version of its own', async () => {
      const id = newId()
      const tries = await many((index) => put(id, 'any', { index }))
      const versions = tries.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
      expect(versions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: writers }, (_, n) => n + 1))
      expect(await get(id)).toMatchObject({
        version: writers,
        value: { index: versions.indexOf(writers) },
      })
    })

    test('nothing is lost among many that read, change and put, alone and in batches', async () => {
      const id = newId()
      const rounds = 10
      const increment = async (index: number): Promise<void> => {
        const found = await get(id)
        const condition = found?.version ?? 'absent'
        const value = { n: Number(found?.value['n'] ?? 0) + 1 }
        const beside: StorageChange = { kind: 'delete', ...id, key: 'beside' }
        try {
          if (index % 2 === 0) await put(id, condition, value)
          else await objects.batch([{ kind: 'put', ...id, value, condition }, beside])
        } catch (error) {
          if (HydraError.from(error).code !== 'VERSION_CONFLICT') throw error
          await increment(index)
        }
      }
      const tries = await many(async (index) => {
        for (let round = 0; round < rounds; round++) await increment(index)
      })
      expect(codes(tries)).toEqual([])
      expect(await get(id)).toMatchObject({ version: writers * rounds, value: { n: writers * rounds } })
    })

    test('a value may be as large as the limit and no larger', async () => {
      const id = newId()
      const { valueMaxChars } = storageObjectLimits
      await put(id, 'any', valueOf(valueMaxChars))
      expect((await get(id))?.value).toEqual(valueOf(valueMaxChars))
      await expect(put(id, 'any', valueOf(valueMaxChars + 1))).rejects.toMatchObject({
        code: 'PAYLOAD_TOO_LARGE',
        metadata: { ...id, charsMax: valueMaxChars },
      })
    })

    test.each([[], null, 'text', undefined, new Date(0)])('%j is no value', async (value) => {
      const draft = { ...newId(), value: value as unknown as JsonObject }
      await expect(objects.put(draft, 'any')).rejects.toMatchObject({
        code: 'BAD_REQUEST',
        metadata: { path: 'value' },
      })
    })

    test('what is not JSON is refused as a defect, with the object named', async () => {
      const id = newId()
      await expect(put(id, 'any', { big: 1n } as unknown as JsonObject)).rejects.toMatchObject({
        code: 'INTERNAL',
        message: expect.stringContaining(`${id.rid}/mail/k`),
      })
    })

    test.each([0, -1, 1.5, Number.NaN, 2 ** 53, '1', null])('%j is no condition', async (condition) => {
      const path = 'condition'
      await expect(put(newId(), condition as number)).rejects.toMatchObject({
        code: 'BAD_REQUEST',
        metadata: { path },
      })
    })
  })

  describe('names', () => {
    const name = (chars: number) => 'x'.repeat(chars)
    const { ridMaxChars, collectionMaxChars, keyMaxChars } = storageObjectLimits

    test('the longest names and all characters fit', async () => {
      const id = { rid: name(ridMaxChars), collection: name(collectionMaxChars), key: name(keyMaxChars) }
      await objects.put({ ...id, value: {} }, 'absent')
      expect(await objects.get(id.rid, id.collection, id.key)).toMatchObject(id)
      await objects.put({ rid: '-_', collection: 'A.b:C', key: '__proto__', value: {} }, 'absent')
      expect(await objects.get('-_', 'A.b:C', '__proto__')).toMatchObject({ key: '__proto__' })
    })

    const bad = ['', ' ', 'a ', 'a/b', 'a%', 'ä', 'a\n', '\u0000', "' or 1=1 --"]
    test.each([
      ...[...bad, name(ridMaxChars + 1)].map((rid) => ['rid', { rid }] as const),
      ...[...bad, name(collectionMaxChars + 1)].map(
        (given) => ['collection', { collection: given }] as const,
      ),
      ...[...bad, name(keyMaxChars + 1)].map((key) => ['key', { key }] as const),
    ])('a bad %s is refused by every call: %j', async (path, field) => {
      const id = { rid: 'r', collection, key: 'k', ...field }
      const refused = { code: 'BAD_REQUEST', metadata: { path, expectation: expect.any(String) } }
      const calls = [
        () => objects.get(id.rid, id.collection, id.key),
        () => objects.getMany([id]),
        () => objects.list(id.rid, id.collection, { after: id.key }),
        () => objects.put({ ...id, value: {} }, 'any'),
        () => objects.delete(id.rid, id.collection, id.key),
        () => objects.batch([{ kind: 'delete', ...id }]),
      ]
      for (const call of calls) await expect(call()).rejects.toMatchObject(refused)
    })
  })

  describe('delete', () => {
    test('answers whether there was one, and can be repeated', async () => {
      const id = await stored()
      expect(await remove(id)).toBe(true)
      expect(await remove(id)).toBe(false)
      expect(await remove(newId())).toBe(false)
      expect(await get(id)).toBeUndefined()
    })

    test('at another version than the expected one, or when there is none, it is refused', async () => {
      const id = await stored()
      await put(id)
      await expect(remove(id, 1)).rejects.toMatchObject(conflict(id, 2))
      expect(await get(id)).toMatchObject({ version: 2 })
      expect(await remove(id, 2)).toBe(true)
      await expect(remove(id, 2)).rejects.toMatchObject(conflict(id, 0))
      const none = newId()
      await expect(remove(none, 1)).rejects.toMatchObject(conflict(none, 0))
      await expect(remove(none, 0)).rejects.toMatchObject({
        code: 'BAD_REQUEST',
        metadata: { path: 'ifVersion' },
      })
    })

    test('of many that delete an object at once exactly one has deleted it', async () => {
      const id = await stored()
      const tries = await many(() => remove(id))
      expect(tries.filter((result) => result.status === 'fulfilled' && result.value)).toHaveLength(1)
      expect(codes(tries)).toEqual([])
    })

    test('beside the first put of a role it removes all of the object or nothing', async () => {
      for (let round = 0; round < 50; round++) {
        const id = newId()
        const [, ...tries] = await Promise.all([put(id), remove(id), remove(id), remove(id)])
        const removed = tries.filter(Boolean).length
        expect((await get(id))?.version).toBe(removed === 0 ? 1 : undefined)
        expect(await put(id)).toBe(2)
      }
    })

    test('of a put and a delete at one version exactly one takes place', async () => {
      for (let round = 0; round < 10; round++) {
        const id = await stored()
        const tries = await Promise.allSettled([put(id, 1), remove(id, 1)])
        expect(codes(tries)).toEqual(['VERSION_CONFLICT'])
        const kept = tries[0].status === 'fulfilled'
        expect((await get(id))?.version).toBe(kept ? 2 : undefined)
      }
    })
  })

  describe('list', () => {
    const fill = async (...keys: string[]) => {
      const rid = newRid()
      const changes = keys.map((key): StorageChange => {
        return { kind: 'put', rid, collection, key, value: { key }, condition: 'absent' }
      })
      await objects.batch(changes)
      return rid
    }
    const keysOf = async (rid: string, options?: { readonly limit?: number; readonly after?: string }) => {
      const { objects: listed, next } = await objects.list(rid, collection, options)
      return { keys: listed.map(({ key }) => key), next }
    }

    test('is in order of the characters of the keys, with whole objects', async () => {
      const rid = await fill('b', 'a:1', 'a', 'B', 'a-', 'a.b', '_', '10', '9')
      const sorted = ['10', '9', 'B', '_', 'a', 'a-', 'a.b', 'a:1', 'b']
      expect(await keysOf(rid)).toEqual({ keys: sorted, next: undefined })
      const page = await objects.list(rid, collection, { limit: 1 })
      expect(page.objects).toEqual([await objects.get(rid, collection, '10')])
    })

    test('has nothing of other roles and collections', async () => {
      const rid = await fill('a')
      await objects.put({ rid, collection: 'mail2', key: 'b', value: {} }, 'absent')
      expect(await keysOf(rid)).toEqual({ keys: ['a'], next: undefined })
      expect(await keysOf(newRid())).toEqual({ keys: [], next: undefined })
    })

    test('is paged without gaps and repeats while objects come and go', async () => {
      const rid = await fill('a', 'b', 'c', 'd', 'e')
      expect(await keysOf(rid, { limit: 2 })).toEqual({ keys: ['a', 'b'], next: 'b' })
      await objects.delete(rid, collection, 'b')
      await objects.put({ rid, collection, key: 'a2', value: {} }, 'absent')
      expect(await keysOf(rid, { limit: 2, after: 'b' })).toEqual({ keys: ['c', 'd'], next: 'd' })
      expect(await keysOf(rid, { limit: 2, after: 'd' })).toEqual({ keys: ['e'], next: undefined })
      expect(await keysOf(rid, { limit: 3, after: 'b' })).toEqual({
        keys: ['c', 'd', 'e'],
        next: undefined,
      })
    })

    test('a page has a bound', async () => {
      const { pageMax } = storageObjectLimits
      const keys = Array.from({ length: pageMax }, (_, index) => `k-${100 + index}`)
      const rid = await fill(...keys)
      await objects.put({ rid, collection, key: 'z', value: {} }, 'absent')
      expect(await keysOf(rid)).toEqual({ keys, next: keys.at(-1) })
      for (const limit of [0, -1, 1.5, pageMax + 1, Number.NaN]) {
        await expect(keysOf(rid, { limit })).rejects.toMatchObject({
          code: 'BAD_REQUEST',
          metadata: { path: 'limit' },
        })
      }
    })
  })

  describe('batch', () => {
    test('answers the versions of all changes', async () => {
      const [kept, gone, fresh] = [await stored(), await stored(), newId()]
      expect(
        await objects.batch([
          { kind: 'put', ...kept, value: { n: 2 }, condition: 1 },
          { kind: 'delete', ...gone, ifVersion: 1 },
          { kind: 'put', ...fresh, value: { n: 3 }, condition: 'absent' },
          { kind: 'delete', ...newId() },
        ]),
      ).toEqual([2, 0, 1, 0])
      const found = await objects.getMany([kept, gone, fresh])
      expect(found.map((object) => object?.value['n'])).toEqual([2, undefined, 3])
      expect(await objects.batch([])).toEqual([])
    })

    test('when one change is refused none is made', async () => {
      const [one, two, fresh] = [await stored(), await stored(), newId()]
      const changes: readonly StorageChange[] = [
        { kind: 'put', ...one, value: { n: 2 }, condition: 'any' },
        { kind: 'put', ...fresh, value: {}, condition: 'absent' },
        { kind: 'delete', ...two },
      ]
      const refused: readonly StorageChange[] = [
        { kind: 'put', rid: one.rid, collection, key: 'other', value: {}, condition: 7 },
        { kind: 'delete', rid: one.rid, collection, key: 'other', ifVersion: 1 },
      ]
      for (const change of refused) {
        for (const batch of [
          [...changes, change],
          [change, ...changes],
        ]) {
          await expect(objects.batch(batch)).rejects.toMatchObject(conflict({ ...one, key: 'other' }, 0))
        }
      }
      const found = await objects.getMany([one, two, fresh])
      expect(found.map((object) => object?.version)).toEqual([1, 1, undefined])
      expect(await put(fresh, 'absent')).toBe(1)
    })

    test('what many want to trade at once goes to exactly one', async () => {
      const goods = await stored({ name: 'sword' })
      const buyers = Array.from({ length: writers }, newRid)
      const tries = await many((index) =>
        objects.batch([
          { kind: 'put', ...goods, rid: buyers[index] ?? '', value: { name: 'sword' }, condition: 'absent' },
          { kind: 'delete', ...goods, ifVersion: 1 },
        ]),
      )
      expect(codes(tries)).toEqual(times(writers - 1, 'VERSION_CONFLICT'))
      const found = await Promise.all([goods.rid, ...buyers].map((rid) => get({ ...goods, rid })))
      expect(found.filter((object) => object !== undefined)).toHaveLength(1)
    })

    test('batches that name the same objects in any order do not stop each other', async () => {
      const ids = [await stored(), await stored(), await stored()]
      const put3 = (index: number) =>
        objects.batch(
          ids.map((_, n): StorageChange => {
            const id = ids[(n * (index % 2 === 0 ? 1 : 2) + index) % ids.length] ?? newId()
            return { kind: 'put', ...id, value: { index }, condition: 'any' }
          }),
        )
      expect(codes(await many(put3))).toEqual([])
      const found = await objects.getMany(ids)
      expect(found.map((object) => object?.version)).toEqual(ids.map(() => writers + 1))
      expect(new Set(found.map((object) => object?.value['index'])).size).toBe(1)
    })

    test('many that give things to the same new roles at once, in any order, all succeed', async () => {
      for (let round = 0; round < 5; round++) {
        const rids = [newRid(), newRid(), newRid()]
        const give = (index: number) =>
          objects.batch(
            (index % 2 === 0 ? rids : rids.toReversed()).map((rid): StorageChange => {
              return { kind: 'put', rid, collection, key: `k-${index}`, value: {}, condition: 'absent' }
            }),
          )
        expect(codes(await many(give))).toEqual([])
        const pages = await Promise.all(rids.map((rid) => objects.list(rid, collection)))
        expect(pages.map((page) => page.objects.length)).toEqual(rids.map(() => writers))
      }
    })

    test('an object that occurs twice and too many changes are refused', async () => {
      const id = newId()
      const change: StorageChange = { kind: 'put', ...id, value: {}, condition: 'any' }
      const most = Array.from({ length: storageObjectLimits.batchMax }, (_, index): StorageChange => {
        return { ...change, key: `k-${index}` }
      })
      for (const batch of [
        [change, change],
        [change, { kind: 'delete' as const, ...id }],
        [...most, change],
      ]) {
        await expect(objects.batch(batch)).rejects.toMatchObject({
          code: 'BAD_REQUEST',
          metadata: { path: 'changes' },
        })
      }
      expect(await objects.batch(most)).toHaveLength(most.length)
    })

    test('the values of a batch together have a bound', async () => {
      const { batchMaxChars, valueMaxChars } = storageObjectLimits
      const rid = newRid()
      const full = Array.from({ length: batchMaxChars / valueMaxChars }, (_, index): StorageChange => {
        const value = valueOf(valueMaxChars)
        return { kind: 'put', rid, collection, key: `k-${index}`, value, condition: 'any' }
      })
      expect(await objects.batch(full)).toHaveLength(full.length)
      await expect(
        objects.batch([...full, { kind: 'put', ...newId(), value: {}, condition: 'any' }]),
      ).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE', metadata: { charsMax: batchMaxChars } })
    })
  })

  describe('the limit of a role', () => {
    const fillUpTo = async (count: number) => {
      const rid = newRid()
      for (let from = 0; from < count; from += storageObjectLimits.batchMax) {
        const length = Math.min(storageObjectLimits.batchMax, count - from)
        await objects.batch(
          Array.from({ length }, (_, index): StorageChange => {
            const id = { rid, collection, key: `k-${from + index}` }
            return { kind: 'put', ...id, value: {}, condition: 'absent' }
          }),
        )
      }
      return rid
    }
    const limitReached = (rid: string) => ({
      code: 'STORAGE_LIMIT_REACHED',
      metadata: { rid, objectsMax: objectsPerRoleMax },
    })

    test('holds over all collections, and what is deleted makes room', async () => {
      const rid = await fillUpTo(objectsPerRoleMax)
      const another = { rid, collection: 'other', key: 'k', value: {} }
      await expect(objects.put(another, 'any')).rejects.toMatchObject(limitReached(rid))
      expect(await objects.put({ ...another, collection, key: 'k-0' }, 1)).toBe(2)
      expect(await objects.put({ ...another, collection, key: 'k-1' }, 'any')).toBe(2)
      const swap: StorageChange = { kind: 'delete', rid, collection, key: 'k-2' }
      expect(await objects.batch([{ kind: 'put', ...another, condition: 'absent' }, swap])).toEqual([1, 0])
      await expect(objects.put({ ...another, key: 'k2' }, 'any')).rejects.toMatchObject(limitReached(rid))
      await objects.delete(rid, collection, 'k-3')
      await objects.put({ ...another, key: 'k2' }, 'absent')
    })

    test('holds for many at once', async () => {
      const rid = await fillUpTo(objectsPerRoleMax - 3)
      const tries = await many((index) =>
        objects.put({ rid, collection, key: `x-${index}`, value: {} }, 'any'),
      )
      expect(codes(tries)).toEqual(times(writers - 3, 'STORAGE_LIMIT_REACHED'))
      expect((await objects.list(rid, collection, { after: 'x' })).objects).toHaveLength(3)
    })
  })
}
