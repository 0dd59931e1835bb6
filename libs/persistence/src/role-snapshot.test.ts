import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeSnapshot,
  encodeData,
  EncodedSnapshot,
  encodeSnapshot,
  roleDataMaxChars,
  snapshotBytes,
} from './encode-snapshot.ts'
import { isNewer, newest, type JsonObject, type RoleSnapshot } from './role-snapshot.ts'

const snapshot = (epoch: number, version: number, data: JsonObject = {}): RoleSnapshot => ({
  rid: 'r',
  uid: 'u',
  name: 'n',
  level: 1,
  epoch,
  version,
  schema: 1,
  data,
})

test('snapshots are in one order', () => {
  const point = fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 }))
  fc.assert(
    fc.property(point, point, ([e1, v1], [e2, v2]) => {
      const [a, b] = [snapshot(e1, v1), snapshot(e2, v2)]
      const equal = e1 === e2 && v1 === v2
      expect([isNewer(a, b), isNewer(b, a), equal].filter(Boolean)).toHaveLength(1)
      expect(newest(a, b)).toBe(isNewer(b, a) ? b : a)
    }),
  )
  expect(newest(undefined, undefined)).toBeUndefined()
  expect(newest(snapshot(1, 1), undefined)).toEqual(snapshot(1, 1))
  expect(newest(undefined, snapshot(1, 1))).toEqual(snapshot(1, 1))
})

test('a snapshot comes back from its text', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
      const given = snapshot(1, 2, JSON.parse(JSON.stringify(data)) as JsonObject)
      expect(decodeSnapshot(encodeSnapshot(given))).toEqual(given)
    }),
  )
})

test('one that remembers its JSON gives the same to journal and database, in whatever order they ask', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.dictionary(fc.string(), fc.jsonValue()), (name, data) => {
      const given = { ...snapshot(1, 2, JSON.parse(JSON.stringify(data)) as JsonObject), name }
      const kept = new EncodedSnapshot(given)
      expect(encodeData(kept)).toBe(encodeData(given))
      expect(snapshotBytes(kept)).toEqual(snapshotBytes(given))
      expect(encodeData(kept)).toBe(encodeData(given))
      expect(decodeSnapshot(snapshotBytes(kept).toString())).toEqual(given)
      expect(encodeSnapshot(kept)).toBe(encodeSnapshot(given))
    }),
  )
})

test('too much, and what is not JSON, is refused with the role named', () => {
  const large = snapshot(1, 1, { text: 'x'.repeat(roleDataMaxChars) })
  expect(() => encodeSnapshot(large)).toThrowError(expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }))
  const kept = new EncodedSnapshot(large)
  expect(() => snapshotBytes(kept)).toThrowError(expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }))
  expect(() => encodeData(kept)).toThrowError(expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }))
  const circular: Record<string, unknown> = {}
  circular['self'] = circular
  const broken = { ...snapshot(1, 1), data: circular as JsonObject }
  expect(() => encodeSnapshot(broken)).toThrowError(expect.objectContaining({ code: 'INTERNAL' }))
  const nothing = { ...broken, data: undefined as unknown as JsonObject }
  expect(() => encodeSnapshot(nothing)).toThrowError(expect.objectContaining({ code: 'INTERNAL' }))
})
