import { expect, test } from 'vitest'
import { silentLogger } from './logger.ts'
import { ManualClock } from './manual-clock.ts'
import { createSparseLog } from './sparse-log.ts'

test('writes each message once a second, with how often it was left out', () => {
  const clock = new ManualClock()
  const lines: unknown[] = []
  const warn = createSparseLog(
    { ...silentLogger, warn: (fields, message) => void lines.push([message, fields]) },
    clock,
  )
  for (let count = 0; count < 5; count++) warn({ count }, 'one')
  warn({}, 'two')
  clock.advance(999)
  warn({ count: 5 }, 'one')
  clock.advance(1)
  warn({ count: 6 }, 'one')
  clock.advance(1_000)
  warn({ count: 7 }, 'one')
  expect(lines).toEqual([
    ['one', { count: 0 }],
    ['two', {}],
    ['one', { count: 6, suppressed: 5 }],
    ['one', { count: 7, suppressed: 0 }],
  ])
})
