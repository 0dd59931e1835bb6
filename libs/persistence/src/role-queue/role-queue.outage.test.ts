import { HydraError } from '@hydra/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openRoleQueueBench, settle, type RoleQueueBench } from '../test-support/role-queue-bench.ts'

let bench: RoleQueueBench
beforeEach(async () => {
  bench = await openRoleQueueBench({ retryMinMs: 100, retryMaxMs: 400, oldestWarnMs: 30_000 })
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
const stored = async (rid: string) => (await bench.roles.find(rid))?.version
const countOf = (name: string) =>
  [...bench.journalCalls.made, ...bench.databaseCalls.made].filter((call) => call.name === name).length
const messages = (level: string) =>
  bench.lines.filter((line) => line.level === level).map(({ message }) => message)

describe('journal away', () => {
  test('changes are answered when the database has them', async () => {
    bench.journalCalls.mode = 'down'
    await Promise.all([push('a', 1), push('b', 1)])
    expect([await stored('a'), await stored('b')]).toEqual([1, 1])
    expect(bench.queue.dirty).toBe(0)
    expect(messages('warn')).toContain('the journal is away; role changes go straight to the database')
  })

  test('it is tried again after growing pauses only, and used when it is back', async () => {
    bench.journalCalls.mode = 'down'
    for (let version = 1; version <= 5; version++) await push('a', version)
    expect(countOf('journal.append')).toBe(1)
    await bench.wait(50)
    await push('a', 6)
    expect(countOf('journal.append')).toBe(2)
    await bench.wait(99)
    await push('a', 7)
    expect(countOf('journal.append')).toBe(2)
    bench.journalCalls.mode = 'up'
    await bench.wait(1)
    await push('a', 8)
    expect(countOf('journal.append')).toBe(3)
    expect(await bench.journal.read('a')).toEqual(bench.snapshot('a', 8))
    expect(await stored('a')).toBe(7)
    expect(messages('info')).toContain('the journal is back')
  })

  test('what it still has from before is removed when it is back', async () => {
    await push('a', 1)
    bench.journalCalls.mode = 'down'
    await push('a', 2)
    expect(await bench.journal.read('a')).toEqual(bench.snapshot('a', 1))
    bench.journalCalls.mode = 'up'
    await bench.wait(400)
    expect(await bench.journal.unsaved(10)).toEqual([])
  })

  test('a change takes its turn after the batch that is being written: it must not seem to be overtaken', async () => {
    await push('a', 1)
    bench.databaseCalls.mode = 'held'
    await bench.wait(1_000)
    bench.journalCalls.mode = 'down'
    const pushed = push('a', 2)
    await settle()
    expect(bench.databaseCalls.waiting).toBe(1)
    bench.databaseCalls.mode = 'up'
    await bench.databaseCalls.decide(0, 'answer')
    await pushed
    expect(await stored('a')).toBe(2)
    expect(bench.fenced).toEqual([])
  })

  test('a change that was stored although its answer was lost is no problem', async () => {
    bench.journalCalls.mode = 'held'
    const pushed = push('a', 1)
    await settle()
    await bench.journalCalls.decide(0, 'lose-answer')
    await pushed
    expect(await stored('a')).toBe(1)
  })
})

describe('database away', () => {
  beforeEach(() => {
    bench.databaseCalls.mode = 'down'
  })

  test('changes are answered, and all of them are written when it is back', async () => {
    for (const rid of ['a', 'b', 'c']) await push(rid, 1)
    await bench.wait(1_000)
    await push('a', 2)
    expect(bench.queue.dirty).toBe(3)
    bench.databaseCalls.mode = 'up'
    await bench.wait(400)
    expect(await Promise.all(['a', 'b', 'c'].map(stored))).toEqual([2, 1, 1])
    expect(messages('warn')).toEqual(['the database is away'])
    expect(messages('info')).toEqual(['the database is back; catching up'])
  })

  test('it is tried after growing pauses', async () => {
    await push('a', 1)
    await bench.wait(1_000)
    const tries: number[] = []
    for (let ms = 0; ms < 1_000; ms += 10) {
      const before = countOf('roles.saveAll')
      await bench.wait(10)
      if (countOf('roles.saveAll') > before) tries.push(bench.clock.monotonicMs() - 1_000)
    }
    // Jitter 0 halves each pause: 50, 100, 200 and then the bound, 200.
    expect(tries).toEqual([50, 150, 350, 550, 750, 950])
  })

  test('statements that fail together are one failure, and one tries again', async () => {
    await bench.close()
    bench = await openRoleQueueBench({ flushBatchMax: 1, flushParallel: 3, retryMinMs: 100 })
    bench.databaseCalls.mode = 'held'
    for (const rid of ['a', 'b', 'c']) await push(rid, 1)
    await bench.wait(1_000)
    expect(bench.databaseCalls.waiting).toBe(3)
    bench.databaseCalls.mode = 'down'
    while (bench.databaseCalls.waiting > 0) await bench.databaseCalls.decide(0, 'lose-request')
    await bench.wait(49)
    expect(countOf('roles.saveAll')).toBe(3)
    await bench.wait(1)
    expect(countOf('roles.saveAll')).toBe(4)
    bench.databaseCalls.mode = 'up'
    await bench.wait(100)
    expect(await Promise.all(['a', 'b', 'c'].map(stored))).toEqual([1, 1, 1])
    expect(messages('warn')).toEqual(['the database is away'])
  })

  test('a flush rejects after one try, while the queue goes on', async () => {
    await push('a', 1)
    expect(await codeOf(bench.queue.flush('a'))).toBe('STORAGE_UNAVAILABLE')
    expect(countOf('roles.saveAll')).toBe(1)
    bench.databaseCalls.mode = 'up'
    await bench.queue.flush('a')
    expect(await stored('a')).toBe(1)
  })

  test('the log warns when a change has been unsaved for long', async () => {
    await push('a', 1)
    for (let second = 0; second < 38; second++) await bench.wait(1_000)
    expect(messages('warn')).toContain('changes have been unsaved for long')
    expect(await bench.metrics.expose()).toMatch(/^hydra_role_queue_oldest_seconds\{.*\} 38$/m)
  })
})

test('both away: changes are refused and not kept, what was acknowledged before is', async () => {
  await push('a', 1)
  bench.journalCalls.mode = 'down'
  bench.databaseCalls.mode = 'down'
  expect(await codeOf(push('a', 2))).toBe('STORAGE_UNAVAILABLE')
  expect(await codeOf(push('b', 1))).toBe('STORAGE_UNAVAILABLE')
  bench.journalCalls.mode = 'up'
  bench.databaseCalls.mode = 'up'
  await bench.wait(1_000)
  expect([await stored('a'), await stored('b')]).toEqual([1, undefined])
  await push('a', 3)
  await bench.queue.flush('a')
  expect(await stored('a')).toBe(3)
})

describe('another owner', () => {
  const takeOver = async () => {
    const { rid } = bench.snapshot('a', 1)
    const answer = await bench.journal.acquire(rid, 'game-b')
    if (answer.owned)
      await bench.roles.takeOver(
        rid,
        { owner: 'game-b', epoch: answer.epoch, isGone: () => false },
        answer.snapshot,
      )
    return answer.owned ? answer.epoch : 0
  }

  test('fences pushes off in the journal', async () => {
    await push('a', 1)
    await takeOver()
    expect(await codeOf(push('a', 2))).toBe('ROLE_ELSEWHERE')
    expect(bench.fenced).toEqual([{ rid: 'a', epoch: 1 }])
  })

  test('fences pushes off in the database while the journal is away', async () => {
    await push('a', 1)
    await bench.queue.flush('a')
    await takeOver()
    bench.journalCalls.mode = 'down'
    expect(await codeOf(push('a', 2))).toBe('ROLE_ELSEWHERE')
    expect(bench.queue.dirty).toBe(0)
  })

  test('ends what is dirty, and every later push is refused until the role is acquired anew', async () => {
    await push('a', 1)
    await takeOver()
    expect(await codeOf(bench.queue.flush('a'))).toBe('ROLE_ELSEWHERE')
    expect(bench.queue.dirty).toBe(0)
    const made = bench.journalCalls.made.length
    expect(await codeOf(push('a', 2))).toBe('ROLE_ELSEWHERE')
    expect(bench.journalCalls.made).toHaveLength(made)
    bench.queue.forget('a')
    const again = await bench.journal.acquire('a', 'game-a', { replaces: 'game-b' })
    expect(again.owned).toBe(true)
    await push('a', 2, { epoch: again.owned ? again.epoch : 0 })
  })
})

describe('drain', () => {
  test('saves everything and says how much', async () => {
    await Promise.all(['a', 'b', 'c'].map((rid) => push(rid, 1)))
    expect(await bench.queue.drain(1_000)).toEqual({ saved: 3, left: 0 })
    expect(await stored('c')).toBe(1)
    expect(await bench.journal.unsaved(10)).toEqual([])
    expect(bench.clock.pendingTimers).toBe(0)
  })

  test('waits for pushes that are under way', async () => {
    bench.journalCalls.mode = 'held'
    const pushed = push('a', 1)
    const drained = bench.queue.drain(1_000)
    await settle()
    bench.journalCalls.mode = 'up'
    await bench.journalCalls.decide(0, 'answer')
    await pushed
    expect(await drained).toEqual({ saved: 1, left: 0 })
  })

  test('tries again until its time is over', async () => {
    bench.databaseCalls.mode = 'down'
    await push('a', 1)
    const drained = bench.queue.drain(1_000)
    for (let waited = 0; waited < 500; waited += 100) await bench.wait(100)
    bench.databaseCalls.mode = 'up'
    for (let waited = 500; waited < 1_000; waited += 100) await bench.wait(100)
    expect(await drained).toEqual({ saved: 1, left: 0 })
  })

  test('says what is left, also when a store hangs', async () => {
    await push('a', 1)
    await push('b', 1)
    bench.databaseCalls.mode = 'held'
    const drained = bench.queue.drain(1_000)
    await settle()
    await bench.wait(1_000)
    expect(await drained).toEqual({ saved: 0, left: 2 })
  })
})

test('close ends all work and refuses what comes later', async () => {
  bench.databaseCalls.mode = 'down'
  await push('a', 1)
  await bench.wait(1_000)
  expect(bench.clock.pendingTimers).toBeGreaterThan(0)
  await bench.queue.close()
  expect(bench.clock.pendingTimers).toBe(0)
  expect(await codeOf(push('a', 2))).toBe('SHUTTING_DOWN')
  expect(await codeOf(bench.queue.flush('a'))).toBe('SHUTTING_DOWN')
  expect(await bench.journal.read('a')).toEqual(bench.snapshot('a', 1))
})

test('close answers whoever waits', async () => {
  bench.databaseCalls.mode = 'held'
  await push('a', 1)
  const flushed = codeOf(bench.queue.flush('a'))
  await settle()
  await push('a', 2)
  const later = codeOf(bench.queue.flush('a'))
  await settle()
  const closed = bench.queue.close()
  await bench.databaseCalls.decide(0, 'answer')
  await closed
  expect(await Promise.all([flushed, later])).toEqual(['no error', 'SHUTTING_DOWN'])
})
