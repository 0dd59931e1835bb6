import { HydraError } from '@hydra/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { roleDataMaxChars } from '../encode-snapshot.ts'
import { openRoleQueueBench, settle, type RoleQueueBench } from '../test-support/role-queue-bench.ts'

let bench: RoleQueueBench
const open = async (config: Parameters<typeof openRoleQueueBench>[0] = {}) => {
  await bench.close()
  bench = await openRoleQueueBench(config)
}
beforeEach(async () => {
  bench = await openRoleQueueBench()
})
afterEach(() => bench.close())

const push = (rid: string, version: number, fields = {}) =>
  bench.queue.push(bench.snapshot(rid, version, fields))
const codeOf = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise
    return 'no error'
  } catch (error) {
    return error instanceof HydraError ? error.code : error
  }
}
const journalBatches = () => bench.batches(bench.journalCalls, 'journal.append')
const databaseBatches = () => bench.batches(bench.databaseCalls, 'roles.saveAll')
const stored = async (rid: string) => (await bench.roles.find(rid))?.version

describe('into the journal', () => {
  test('what is pushed in one turn goes in one round trip, only the latest of each role', async () => {
    await Promise.all([push('a', 1), push('b', 1), push('a', 2), push('a', 3)])
    expect(journalBatches()).toEqual([['a@3', 'b@1']])
    expect(await bench.journal.read('a')).toEqual(bench.snapshot('a', 3))
    expect(bench.queue.dirty).toBe(2)
  })

  test('while one batch is under way the next one gathers', async () => {
    bench.journalCalls.mode = 'held'
    const first = push('a', 1)
    await settle()
    const later = [push('a', 2), push('b', 1)]
    await settle()
    later.push(push('a', 3))
    await settle()
    expect(journalBatches()).toEqual([['a@1']])
    await bench.journalCalls.decide(0, 'answer')
    await first
    await settle()
    expect(journalBatches()).toEqual([['a@1'], ['a@3', 'b@1']])
    await bench.journalCalls.decide(0, 'answer')
    await Promise.all(later)
  })

  test('a batch has its bound', async () => {
    await open({ journalBatchMax: 2 })
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((rid) => push(rid, 1)))
    expect(journalBatches().map((batch) => batch.length)).toEqual([2, 2, 1])
  })

  test('a snapshot that the journal does not take is refused alone', async () => {
    const large = { data: { text: 'x'.repeat(roleDataMaxChars) } }
    const pushes = [push('a', 1), push('large', 1, large), push('b', 1)]
    expect(await Promise.all(pushes.map(codeOf))).toEqual(['no error', 'PAYLOAD_TOO_LARGE', 'no error'])
    expect(bench.queue.dirty).toBe(2)
    expect(bench.lines).toContainEqual(expect.objectContaining({ level: 'error', rid: 'large' }))
  })

  test('an older version than the one under way is a defect of the caller', async () => {
    bench.journalCalls.mode = 'held'
    const newer = push('a', 2)
    expect(await codeOf(push('a', 1))).toBe('INTERNAL')
    await settle()
    await bench.journalCalls.decide(0, 'answer')
    await newer
  })
})

test('a store that answers at once does not keep the event loop from turning', async () => {
  const loop = { turned: false }
  setImmediate(() => setImmediate(() => (loop.turned = true)))
  const pushAndFlush = async (rid: string) => {
    for (let version = 1; !loop.turned && version < 10_000; version++) {
      await push(rid, version)
      await bench.queue.flush(rid)
    }
  }
  await Promise.all([pushAndFlush('a'), pushAndFlush('b')])
  expect(loop.turned).toBe(true)
})

describe('into the database', () => {
  test('everything dirty is written once each interval, in batches', async () => {
    await open({ flushBatchMax: 2, flushIntervalMs: 1_000 })
    for (const rid of ['a', 'b', 'c']) await push(rid, 1)
    await push('a', 2)
    await bench.wait(999)
    expect(databaseBatches()).toEqual([])
    await bench.wait(1)
    expect(databaseBatches()).toEqual([['a@2', 'b@1'], ['c@1']])
    expect(bench.queue.dirty).toBe(0)
    expect(await bench.journal.unsaved(10)).toEqual([])
    await bench.wait(10_000)
    expect(databaseBatches()).toHaveLength(2)
    expect(bench.clock.pendingTimers).toBe(0)
  })

  test('a few statements go side by side, never two with the same role', async () => {
    await open({ flushBatchMax: 2, flushParallel: 2, flushEarlyAtRoles: 100 })
    bench.databaseCalls.mode = 'held'
    for (const rid of ['a', 'b', 'c', 'd', 'e']) await push(rid, 1)
    await bench.wait(1_000)
    expect(databaseBatches()).toEqual([
      ['a@1', 'b@1'],
      ['c@1', 'd@1'],
    ])
    for (const rid of ['a', 'c']) await push(rid, 2)
    const flushed = Promise.all([bench.queue.flush('a'), bench.queue.flush('c')])
    await settle()
    expect(databaseBatches()).toHaveLength(2)
    await bench.databaseCalls.decide(1, 'answer')
    await settle()
    expect(databaseBatches().slice(2)).toEqual([['c@2', 'e@1']])
    bench.databaseCalls.mode = 'up'
    while (bench.databaseCalls.waiting > 0) await bench.databaseCalls.decide(0, 'answer')
    await flushed
    await settle()
    expect(await Promise.all(['a', 'b', 'c', 'd', 'e'].map(stored))).toEqual([2, 1, 2, 1, 1])
    expect(bench.queue.dirty).toBe(0)
    expect(bench.clock.pendingTimers).toBe(0)
  })

  test('a flush of one whose older version is being written waits for that, and only then is sent', async () => {
    bench.databaseCalls.mode = 'held'
    await push('a', 1)
    await bench.wait(1_000)
    await push('a', 2)
    const flushed = bench.queue.flush('a')
    await settle()
    expect(databaseBatches()).toEqual([['a@1']])
    bench.databaseCalls.mode = 'up'
    await bench.databaseCalls.decide(0, 'answer')
    await flushed
    expect(databaseBatches()).toEqual([['a@1'], ['a@2']])
    expect(bench.fenced).toEqual([])
  })

  test('many dirty roles are written before the interval is over', async () => {
    await open({ flushEarlyAtRoles: 3 })
    for (const rid of ['a', 'b', 'c']) await push(rid, 1)
    await settle()
    expect(databaseBatches()).toEqual([['a@1', 'b@1', 'c@1']])
  })

  test('flushes of some roles do not put off the others', async () => {
    await push('a', 1)
    for (let version = 1; version <= 4; version++) {
      await bench.wait(250)
      await push('b', version)
      await bench.queue.flush('b')
    }
    expect(await stored('a')).toBe(1)
  })

  test('what is pushed during a write stays dirty and is written next', async () => {
    bench.databaseCalls.mode = 'held'
    await push('a', 1)
    await bench.wait(1_000)
    await push('a', 2)
    await bench.databaseCalls.decide(0, 'answer')
    await settle()
    expect(await stored('a')).toBe(1)
    expect(await bench.journal.read('a')).toEqual(bench.snapshot('a', 2))
    expect(bench.queue.dirty).toBe(1)
    bench.databaseCalls.mode = 'up'
    await bench.wait(1_000)
    expect(await stored('a')).toBe(2)
    expect(bench.queue.dirty).toBe(0)
  })
})

describe('flush', () => {
  test('of a clean role is done at once', async () => {
    await bench.queue.flush('a')
    expect(bench.databaseCalls.made).toEqual([])
  })

  test('does not wait for the interval, and settles the journal', async () => {
    await push('a', 1)
    await push('b', 1)
    await bench.queue.flush('b')
    expect(databaseBatches()).toEqual([['b@1']])
    expect(await bench.journal.read('b')).toBeUndefined()
    expect(bench.queue.dirty).toBe(1)
  })

  test('of many roles in one turn is one statement', async () => {
    await Promise.all(['a', 'b', 'c'].map((rid) => push(rid, 1)))
    await Promise.all(['a', 'b', 'c'].map((rid) => bench.queue.flush(rid)))
    expect(databaseBatches()).toEqual([['a@1', 'b@1', 'c@1']])
    expect(bench.journalCalls.made.filter(({ name }) => name === 'journal.settle')).toHaveLength(1)
  })

  test('waits for a push that is under way', async () => {
    bench.journalCalls.mode = 'held'
    const pushed = push('a', 1)
    const flushed = bench.queue.flush('a')
    await settle()
    bench.journalCalls.mode = 'up'
    await bench.journalCalls.decide(0, 'answer')
    await Promise.all([pushed, flushed])
    expect(await stored('a')).toBe(1)
  })

  test('waits for the newer version when an older one is being written', async () => {
    bench.databaseCalls.mode = 'held'
    await push('a', 1)
    await bench.wait(1_000)
    await push('a', 2)
    const flushed = bench.queue.flush('a')
    await bench.databaseCalls.decide(0, 'answer')
    await settle()
    expect(await stored('a')).toBe(1)
    await bench.databaseCalls.decide(0, 'answer')
    await flushed
    expect(await stored('a')).toBe(2)
  })

  test('rejects when the journal entry cannot be removed, and can be repeated', async () => {
    await push('a', 1)
    bench.journalCalls.mode = 'down'
    expect(await codeOf(bench.queue.flush('a'))).toBe('STORAGE_UNAVAILABLE')
    expect(await stored('a')).toBe(1)
    bench.journalCalls.mode = 'up'
    await bench.queue.flush('a')
    expect(await bench.journal.read('a')).toBeUndefined()
  })
})

describe('bounds', () => {
  test('beyond the bound on dirty roles, changes of further roles are refused', async () => {
    await open({ dirtyMax: 2 })
    await push('a', 1)
    await push('b', 1)
    expect(await codeOf(push('c', 1))).toBe('SERVER_BUSY')
    await push('a', 2)
    await bench.queue.flush('b')
    await push('c', 1)
    expect(bench.queue.dirty).toBe(2)
    expect(await bench.metrics.expose()).toMatch(/^hydra_role_queue_busy_total\{.*\} 1$/m)
  })

  test('a push that fails does not count any more', async () => {
    await open({ dirtyMax: 1 })
    bench.journalCalls.mode = 'down'
    bench.databaseCalls.mode = 'down'
    expect(await codeOf(push('a', 1))).toBe('STORAGE_UNAVAILABLE')
    expect(bench.queue.dirty).toBe(0)
  })
})

describe('a row that the database refuses', () => {
  const poison = { level: Number.NaN }

  test('does not hold up its batch, stays in the journal, and its flush says so', async () => {
    await Promise.all([push('a', 1), push('poison', 1, poison), push('b', 1), push('c', 1)])
    await bench.wait(1_000)
    expect(await Promise.all(['a', 'b', 'c', 'poison'].map(stored))).toEqual([1, 1, 1, undefined])
    expect(bench.queue.dirty).toBe(1)
    expect(await bench.journal.read('poison')).toMatchObject({ rid: 'poison' })
    expect(bench.lines).toContainEqual(expect.objectContaining({ level: 'error', rid: 'poison' }))
    expect(await codeOf(bench.queue.flush('poison'))).toBe('INTERNAL')
  })

  test('is left alone until a newer snapshot comes or its time has come', async () => {
    await open({ refusedRetryMs: 60_000 })
    await push('poison', 1, poison)
    await bench.wait(1_000)
    await bench.wait(10_000)
    expect(databaseBatches()).toHaveLength(1)
    for (let second = 0; second < 60; second++) await bench.wait(1_000)
    expect(databaseBatches()).toHaveLength(2)
    await push('poison', 2)
    await bench.wait(1_000)
    expect(await stored('poison')).toBe(2)
    expect(bench.queue.dirty).toBe(0)
  })
})
