import { ManualClock, silentLogger, type LogFields } from '@hydra/runtime'
import { expect, test } from 'vitest'
import { OldestWatch } from './oldest-watch.ts'

const open = () => {
  const clock = new ManualClock()
  const lines: string[] = []
  const line = (level: string) => (fields: LogFields, message: string) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`)
  const log = { ...silentLogger, warn: line('warn'), info: line('info') }
  let oldest = 0
  const watch = new OldestWatch({ clock, log, warnMs: 1_000, oldestSeconds: () => oldest, dirty: () => 3 })
  return { clock, lines, watch, setOldest: (seconds: number) => (oldest = seconds) }
}

test('warns when a change has waited too long, again only after the same time, and says when it is over', () => {
  const { clock, lines, watch, setOldest } = open()
  watch.start()
  watch.start()
  setOldest(1)
  clock.advance(1_000)
  expect(lines).toEqual([])
  setOldest(1.2)
  for (let step = 0; step < 8; step++) clock.advance(250)
  expect(lines).toEqual([
    'warn changes have been unsaved for long {"oldestMs":1200,"dirty":3}',
    'warn changes have been unsaved for long {"oldestMs":1200,"dirty":3}',
  ])
  setOldest(0)
  clock.advance(2_000)
  expect(lines.slice(2)).toEqual(['info no change is unsaved for long any more {"dirty":3}'])
  watch.stop()
  expect(clock.pendingTimers).toBe(0)
})
