import { describe, expect, test } from 'vitest'
import { isGreen, summarise, type RunOutcome } from './summary.ts'

const outcome = (change: Partial<RunOutcome>): RunOutcome => ({
  steps: [
    { name: 'lint', ok: true, durationMs: 812 },
    { name: 'test', ok: true, durationMs: 61_234 },
  ],
  notRun: [],
  tests: { passed: 812, failed: 0, skipped: 0 },
  leftOut: [],
  ...change,
})
const failedLint = [
  { name: 'lint', ok: false, durationMs: 1 },
  { name: 'test', ok: true, durationMs: 1 },
]
const lastLine = (change: Partial<RunOutcome>): string | undefined =>
  summarise(outcome(change)).split('\n').at(-1)

describe('the summary', () => {
  test('ends with the counts alone on a line', () => {
    expect(lastLine({})).toBe('812 passed, 0 failed')
    expect(lastLine({ tests: { passed: 1, failed: 2, skipped: 3 } })).toBe('1 passed, 2 failed, 3 skipped')
  })

  test('never says "0 failed" of a run that failed', () => {
    expect(lastLine({ steps: failedLint })).toBe('812 passed, 1 failed')
    const crashed = [{ name: 'test', ok: false, durationMs: 1 }]
    expect(lastLine({ steps: crashed, tests: undefined })).toBe('0 passed, 1 failed')
  })

  test('is green only when every step was, and none is missing', () => {
    expect(isGreen(outcome({}))).toBe(true)
    expect(isGreen(outcome({ steps: failedLint }))).toBe(false)
    expect(isGreen(outcome({ notRun: ['test'] }))).toBe(false)
  })

  test('names durations, what was not run and what was left out', () => {
    const text = summarise(outcome({ notRun: ['build'], leftOut: ['the real drivers'] }))
    expect(text).toMatch(/✓ test\s+61\.2 s/)
    expect(text).toMatch(/· build\s+not run/)
    expect(text).toContain('Left out:\n  the real drivers')
  })
})
