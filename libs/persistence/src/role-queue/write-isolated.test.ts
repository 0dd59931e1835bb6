import { HydraError } from '@hydra/protocol'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RoleSnapshot } from '../role-snapshot.ts'
import { writeIsolated } from './write-isolated.ts'

const snapshot = (rid: string): RoleSnapshot => ({
  rid,
  uid: 'u',
  name: rid,
  level: 1,
  epoch: 1,
  version: 1,
  schema: 1,
  data: {},
})
const ids = (snapshots: readonly RoleSnapshot[]) => snapshots.map(({ rid }) => rid)

test('each row gets its own answer, whichever rows are refused or fenced', async () => {
  const kinds = fc.array(fc.constantFrom('good', 'fenced', 'refused'), { maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(kinds, async (rows) => {
      const batch = rows.map((kind, index) => snapshot(`${kind}-${index}`))
      let calls = 0
      const outcome = await writeIsolated(batch, async (part) => {
        calls += 1
        if (part.some(({ rid }) => rid.startsWith('refused'))) throw new HydraError('INTERNAL', 'refused')
        return { fenced: ids(part).filter((rid) => rid.startsWith('fenced')) }
      })
      const of = (kind: string) => ids(batch).filter((rid) => rid.startsWith(kind))
      expect(ids(outcome.stored)).toEqual(of('good'))
      expect(ids(outcome.fenced)).toEqual(of('fenced'))
      expect(outcome.refused.map(({ snapshot }) => snapshot.rid)).toEqual(of('refused'))
      // Halving finds each refused row in at most one path from the root to its leaf.
      expect(calls).toBeLessThanOrEqual(1 + 2 * of('refused').length * Math.ceil(Math.log2(batch.length + 1)))
    }),
  )
})

test('a store that goes away in mid-batch is said to be away, not blamed on a row', async () => {
  let calls = 0
  const writing = writeIsolated(['a', 'b', 'c', 'd'].map(snapshot), async () => {
    calls += 1
    throw calls === 1
      ? new TypeError('something about the content')
      : new HydraError('STORAGE_UNAVAILABLE', 'away')
  })
  await expect(writing).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
})
