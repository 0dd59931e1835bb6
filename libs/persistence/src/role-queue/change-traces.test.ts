import { HydraError } from '@hydra/protocol'
import { MemoryTracer, withSpan } from '@hydra/runtime'
import { expect, test } from 'vitest'
import type { RoleSnapshot } from '../role-snapshot.ts'
import { ChangeTraces } from './change-traces.ts'

const snapshot = (rid: string, version: number): RoleSnapshot => ({
  rid,
  uid: 'u',
  name: rid,
  level: 1,
  epoch: 1,
  version,
  schema: 1,
  data: {},
})

const done = () => Promise.resolve()
const away = new HydraError('STORAGE_UNAVAILABLE', 'away')

function setUp() {
  const tracer = new MemoryTracer()
  const traces = new ChangeTraces()
  const push = (name: string, of: RoleSnapshot, work = done) =>
    withSpan(tracer.begin(name), () => traces.pushed(of, work))
  return { tracer, traces, push }
}

test('a batch is in the trace of each sampled change that it contains, and in no other', async () => {
  const { tracer, traces, push } = setUp()
  await push('a', snapshot('one', 1))
  await push('b', snapshot('two', 7))
  await push('later', snapshot('one', 3))
  await traces.pushed(snapshot('three', 1), done)
  const batch = [snapshot('one', 2), snapshot('two', 7), snapshot('three', 1)]
  await traces.write('journal', batch, () => Promise.resolve())
  expect(tracer.lines()).toEqual([
    'a',
    'a > role queue push',
    'b',
    'b > role queue push',
    'later',
    'later > role queue push',
    'a > role queue push > role queue journal',
    'b > role queue push > role queue journal',
  ])
  const [first, second] = tracer.spans.slice(-2)
  expect(first).toMatchObject({ code: 'OK', links: [], attributes: { 'hydra.batch.roles': 3 } })
  expect(second?.links).toEqual([first?.spanId])

  // The next one of the same roles has nothing new of them.
  await traces.write('journal', batch, () => Promise.resolve())
  expect(tracer.spans).toHaveLength(8)

  await traces.write('database', batch, () => Promise.resolve())
  expect(traces.roles).toBe(1)
  await traces.write('database', [snapshot('one', 3)], () => Promise.resolve())
  expect(traces.roles).toBe(0)
  expect(tracer.lines().filter((line) => line.endsWith('flush'))).toHaveLength(3)
})

test('a batch that fails is repeated in the trace, a few times', async () => {
  const { tracer, traces, push } = setUp()
  await push('a', snapshot('one', 1))
  for (let count = 0; count < 5; count++) {
    const written = traces.write('database', [snapshot('one', 1)], () => Promise.reject(away))
    await expect(written).rejects.toBe(away)
  }
  const flushes = tracer.spans.filter(({ name }) => name === 'role queue flush')
  expect(flushes.map(({ code }) => code)).toEqual(Array.from({ length: 3 }, () => away.code))
  expect(traces.roles).toBe(0)
})

test('a push that is refused is followed no further', async () => {
  const { tracer, traces, push } = setUp()
  await expect(push('a', snapshot('one', 1), () => Promise.reject(away))).rejects.toBe(away)
  expect(traces.roles).toBe(0)
  expect(tracer.spans.at(-1)).toMatchObject({ name: 'role queue push', code: 'STORAGE_UNAVAILABLE' })
})

test('what is dropped unwritten is followed no further', async () => {
  const { traces, push } = setUp()
  await push('a', snapshot('one', 1))
  traces.dropped('one', 0)
  expect(traces.roles).toBe(1)
  traces.dropped('one', 1)
  expect(traces.roles).toBe(0)
})

test('what is followed has bounds, and says so beyond them', async () => {
  const { tracer, traces, push } = setUp()
  for (let version = 1; version <= 6; version++) await push('a', snapshot('one', version))
  for (let role = 0; role < 1_200; role++) await push('b', snapshot(`r${role}`, 1))
  expect(traces.roles).toBe(1_000)
  const untold = tracer.spans.filter(({ attributes }) => attributes['hydra.flush.followed'] === false)
  expect(untold).toHaveLength(2 + 201)
  const batch = Array.from({ length: 100 }, (_, role) => snapshot(`r${role}`, 1))
  await traces.write('database', batch, () => Promise.resolve())
  const flushes = tracer.spans.filter(({ name }) => name === 'role queue flush')
  expect(flushes).toHaveLength(32)
  expect(flushes[0]?.attributes).toEqual({ 'hydra.batch.roles': 100, 'hydra.batch.untold': 68 })
})
