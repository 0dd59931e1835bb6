import { BotStats, Histogram } from '@hydra/bots'
import { HydraError } from '@hydra/protocol'
import { describe, expect, it } from 'vitest'
import { histogramRows } from './histogram-rows.ts'
import { clockTime, ProgressLine } from './progress-line.ts'
import type { BotsOutcome, BotsProgress } from './run-bots.ts'
import { complaintsOf } from './verdict.ts'

const outcome = (stats: BotStats, more: Partial<BotsOutcome> = {}): BotsOutcome => ({
  arrived: 2,
  missing: [],
  elapsedMs: 1_000,
  stats,
  accountStats: new BotStats(),
  logoutFailures: [],
  ...more,
})

describe('a histogram in lines', () => {
  it('has one for each range between the shortest and the longest, each in proportion', () => {
    const histogram = new Histogram()
    for (let n = 0; n < 80; n++) histogram.note(1.5)
    for (let n = 0; n < 20; n++) histogram.note(9)
    histogram.note(45)
    const rows = histogramRows(histogram)
    expect(rows.map((row) => row.slice(0, 14).trim())).toEqual([
      'up to   2.0 ms',
      'up to   5.0 ms',
      'up to    10 ms',
      'up to    20 ms',
      'up to    50 ms',
    ])
    const bars = rows.map((row) => row.replaceAll(/[^#]/g, '').length)
    expect(bars).toEqual([40, 0, 10, 0, 1])
    expect(rows[0]).toMatch(/ 80 {3}79\.2 %$/)
  })

  it('shows what is beyond its ranges', () => {
    const histogram = new Histogram()
    histogram.note(100_000)
    expect(histogramRows(histogram)[0]).toMatch(/^ over 30000 ms {2}#{40} {2}1 {2}100\.0 %$/)
  })
})

describe('a verdict', () => {
  it('has nothing to say about answers of the game', () => {
    const stats = new BotStats()
    for (const code of ['TARGET_INVALID', 'RATE_LIMITED', 'SCENE_FULL'] as const) stats.refused(code)
    expect(complaintsOf(outcome(stats), new Set())).toEqual([])
  })

  it('names failed requests unless they are tolerated, defects, and who is missing', () => {
    const stats = new BotStats()
    for (const code of ['TIMEOUT', 'TIMEOUT', 'SERVER_GONE'] as const) stats.refused(code)
    const plain = outcome(stats)
    expect(complaintsOf(plain, new Set())).toEqual(['3 requests failed: TIMEOUT 2, SERVER_GONE 1.'])
    expect(complaintsOf(plain, new Set(['TIMEOUT']))).toEqual(['1 request failed: SERVER_GONE 1.'])
    expect(complaintsOf(plain, new Set(['TIMEOUT', 'SERVER_GONE']))).toEqual([])
    stats.defect(new HydraError('INTERNAL', 'A defect.'))
    const all = complaintsOf(outcome(stats, { missing: ['b1'], logoutFailures: ['b2: TIMEOUT'] }), new Set())
    expect(all).toEqual([
      '1 of 3 bots did not arrive: b1.',
      '3 requests failed: TIMEOUT 2, SERVER_GONE 1.',
      'Defects: 1: HydraError: A defect.',
      '1 of the bots could not log out: b2: TIMEOUT',
    ])
  })
})

describe('progress', () => {
  const progress = (elapsedMs: number, requests: number): BotsProgress => {
    const stats = new BotStats()
    for (let n = 0; n < requests; n++) stats.answered('game.role.ping', 2)
    return { phase: 'playing', elapsedMs, leftMs: 60_000, bots: 2, arrived: 2, playing: 2, stats }
  }
  const written = (isTTY: boolean) => {
    let text = ''
    return { isTTY, columns: 60, write: (more: string) => (text += more), text: () => text }
  }

  it('takes the place of the line before on a terminal, cut to its width, below what is noted', () => {
    const output = written(true)
    const line = new ProgressLine(output)
    line.show(progress(1_000, 10))
    line.note('Something else.')
    line.show(progress(2_000, 40))
    line.end()
    const short = (start: string) =>
      `${start} playing, 01:00 left | 2/2 arrived, 2 in the game | `.slice(0, 59)
    expect(output.text()).toBe(`\r${short('00:01')}10\x1b[K\nSomething else.\n\r${short('00:02')}30\x1b[K\n`)
  })

  it('is a line each elsewhere, with the rate since the line before', () => {
    const output = written(false)
    const line = new ProgressLine(output)
    line.show(progress(1_000, 10))
    line.show(progress(3_000, 50))
    const [first = '', second = ''] = output.text().split('\n')
    expect(first).toContain(' | 10 requests/s | ')
    expect(second).toContain(' | 20 requests/s | ')
    expect(output.text()).not.toContain('\x1b')
  })

  it('tells times', () => {
    expect([0, 59_999, 3_600_000].map(clockTime)).toEqual(['00:00', '01:00', '1:00:00'])
  })
})
