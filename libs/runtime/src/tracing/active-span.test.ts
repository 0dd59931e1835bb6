import { setImmediate as turn } from 'node:timers/promises'
import { HydraError } from '@hydra/protocol'
import { expect, test } from 'vitest'
import { createLogger } from '../logger.ts'
import { activeSpan, endWith, inSpan, withSpan } from './active-span.ts'
import { sharedSpan } from './shared-span.ts'
import { unsampledSpan, type Span } from './span.ts'

/** A span that tells what is done to it. */
function telling(name: string, told: string[]): Span {
  return {
    recording: true,
    traceId: name.padEnd(32, '0'),
    spanId: name.padEnd(16, '0'),
    traceparent: name,
    start(below) {
      told.push(`${name}: start ${below}`)
      return telling(`${name}.${below}`, told)
    },
    set: (attributes) => void told.push(`${name}: set ${Object.keys(attributes).join()}`),
    end: (code = 'OK') => void told.push(`${name}: ${code}`),
  }
}

test('a span is active in what it runs, through promises and timers, and nowhere else', async () => {
  const span = telling('a', [])
  const later = withSpan(span, async () => {
    await turn()
    return activeSpan()
  })
  expect(activeSpan()).toBeUndefined()
  expect(await later).toBe(span)
  const inner = withSpan(span, () => withSpan(undefined, () => activeSpan()))
  expect(inner).toBeUndefined()
})

test('a span of its own ends with the work, with the code of what that fails with', async () => {
  const told: string[] = []
  const span = telling('a', told)
  expect(withSpan(span, () => inSpan('one', {}, () => 1))).toBe(1)
  expect(await withSpan(span, () => inSpan('two', {}, () => Promise.resolve(2)))).toBe(2)
  const busy = new HydraError('SERVER_BUSY', 'busy')
  await expect(endWith(telling('b', told), () => Promise.reject(busy))).rejects.toBe(busy)
  expect(() =>
    endWith(telling('c', told), () => {
      throw new TypeError('defect')
    }),
  ).toThrow('defect')
  expect(told).toEqual([
    'a: start one',
    'a.one: OK',
    'a: start two',
    'a.two: OK',
    'b: SERVER_BUSY',
    'c: INTERNAL',
  ])
})

test('without a span that is recorded, work runs as it is', () => {
  expect(inSpan('one', {}, () => activeSpan())).toBeUndefined()
  const unsampled = unsampledSpan(() => '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00')
  expect(withSpan(unsampled, () => inSpan('one', {}, () => activeSpan()))).toBe(unsampled)
})

test('a shared span is all of them', () => {
  const told: string[] = []
  const [first, second] = [telling('a', told), telling('b', told)]
  expect(sharedSpan(first, [])).toBe(first)
  const shared = sharedSpan(first, [second])
  shared.start('x').end('TIMEOUT')
  shared.set({ rows: 2 })
  shared.end()
  expect(shared.traceId).toBe(first.traceId)
  expect(told).toEqual([
    'a: start x',
    'b: start x',
    'a.x: TIMEOUT',
    'b.x: TIMEOUT',
    'a: set rows',
    'b: set rows',
    'a: OK',
    'b: OK',
  ])
})

test('log lines have the ids of the trace in which they are written', () => {
  const lines: Record<string, unknown>[] = []
  const log = createLogger({
    level: 'info',
    write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
  })
  withSpan(telling('a', []), () => log.child({ part: 'x' }).info({ rid: 'r' }, 'within'))
  log.info({}, 'outside')
  expect(lines[0]).toMatchObject({
    msg: 'within',
    part: 'x',
    rid: 'r',
    trace_id: `a${'0'.repeat(31)}`,
    span_id: `a${'0'.repeat(15)}`,
  })
  expect(Object.keys(lines[1] ?? {})).toEqual(['level', 'time', 'msg'])
})
