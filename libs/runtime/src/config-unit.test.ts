import { expect, test } from 'vitest'
import { unitOfKey } from './config-unit.ts'

test.each([
  ['flushIntervalMs', 'ms'],
  ['ttlSeconds', 's'],
  ['maxPacketBytes', 'bytes'],
  ['archiveDays', 'days'],
  ['resetHour', 'hour of the day'],
  ['ratePerSecond', '/s'],
  ['worldPerMinute', '/min'],
])('%s is in %s', (key, unit) => {
  expect(unitOfKey(key)).toBe(unit)
})

test.each(['port', 'queueMax', 'items', 'hours', 'Ms', 'holidays', 'membersMax'])('%s has no unit', (key) => {
  expect(unitOfKey(key)).toBeUndefined()
})
