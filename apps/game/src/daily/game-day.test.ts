import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GameDays, isTimeZone } from './game-day.ts'

const hourMs = 3_600_000
const minuteMs = 60_000

describe('the days of a game', () => {
  const at = (text: string) => Date.parse(text)
  const days = (timeZone: string, resetHour: number) => new GameDays({ timeZone, resetHour })
  /** The first moments of days in a span, as UTC. */
  const beginnings = (of: GameDays, from: string, to: string) => {
    const found: string[] = []
    for (let ms = of.nextResetMs(at(from)); ms <= at(to); ms = of.nextResetMs(ms)) {
      expect(of.dayAt(ms - 1) < of.dayAt(ms)).toBe(true)
      found.push(`${new Date(ms).toISOString().slice(0, 16)} ${of.dayAt(ms)}`)
    }
    return found
  }

  it('begin at their hour and not at midnight', () => {
    const utc = days('UTC', 4)
    expect(utc.dayAt(at('2026-11-28T03:59:59.999Z'))).toBe('2026-11-27')
    expect(utc.dayAt(at('2026-11-28T04:00:00Z'))).toBe('2026-11-28')
    expect(utc.nextResetMs(at('2026-11-28T03:59:59.999Z'))).toBe(at('2026-11-28T04:00:00Z'))
    expect(utc.nextResetMs(at('2026-11-28T04:00:00Z'))).toBe(at('2026-11-29T04:00:00Z'))
    // Asked about the past once more, whatever was asked before.
    expect(utc.dayAt(at('2020-02-29T23:00:00Z'))).toBe('2020-02-29')
  })

  it.each<[string, string, number, string, string, string[]]>([
    [
      'where the hour of reset is left out in spring',
      'Europe/Berlin',
      2,
      '2026-03-28T12:00Z',
      '2026-03-30T12:00Z',
      ['2026-03-29T01:00 2026-03-29', '2026-03-30T00:00 2026-03-30'],
    ],
    [
      'where the hour of reset comes twice in autumn',
      'Europe/Berlin',
      2,
      '2026-10-24T12:00Z',
      '2026-10-26T12:00Z',
      ['2026-10-25T00:00 2026-10-25', '2026-10-26T01:00 2026-10-26'],
    ],
    [
      'where the hour after it comes twice',
      'America/New_York',
      0,
      '2026-10-31T12:00Z',
      '2026-11-02T12:00Z',
      ['2026-11-01T04:00 2026-11-01', '2026-11-02T05:00 2026-11-02'],
    ],
    [
      'where midnight is left out',
      'America/Sao_Paulo',
      0,
      '2018-11-03T12:00Z',
      '2018-11-05T12:00Z',
      ['2018-11-04T03:00 2018-11-04', '2018-11-05T02:00 2018-11-05'],
    ],
    [
      'where midnight comes twice',
      'America/Havana',
      0,
      '2026-10-31T12:00Z',
      '2026-11-02T12:00Z',
      ['2026-11-01T04:00 2026-11-01', '2026-11-02T05:00 2026-11-02'],
    ],
    [
      'where the clocks go back over midnight',
      'America/Sao_Paulo',
      0,
      '2018-02-17T12:00Z',
      '2018-02-19T12:00Z',
      ['2018-02-18T03:00 2018-02-18', '2018-02-19T03:00 2018-02-19'],
    ],
    [
      'where the clocks went back over a midnight that had been',
      'America/St_Johns',
      0,
      '2010-11-06T12:00Z',
      '2010-11-08T12:00Z',
      ['2010-11-07T02:30 2010-11-07', '2010-11-08T03:30 2010-11-08'],
    ],
    [
      'where summer time is half an hour',
      'Australia/Lord_Howe',
      2,
      '2026-04-03T20:00Z',
      '2026-04-06T00:00Z',
      ['2026-04-04T15:30 2026-04-05', '2026-04-05T15:30 2026-04-06'],
    ],
    [
      'where half an hour is left out',
      'Australia/Lord_Howe',
      2,
      '2026-10-02T20:00Z',
      '2026-10-05T00:00Z',
      ['2026-10-03T15:30 2026-10-04', '2026-10-04T15:00 2026-10-05'],
    ],
    [
      'where offsets have three quarters of an hour',
      'Asia/Kathmandu',
      4,
      '2026-11-27T12:00Z',
      '2026-11-28T12:00Z',
      ['2026-11-27T22:15 2026-11-28'],
    ],
    [
      'where a date is left out',
      'Pacific/Apia',
      0,
      '2011-12-28T12:00Z',
      '2012-01-01T00:00Z',
      ['2011-12-29T10:00 2011-12-29', '2011-12-30T10:00 2011-12-31', '2011-12-31T10:00 2012-01-01'],
    ],
    [
      'where a date is left out, and the day begins later',
      'Pacific/Apia',
      4,
      '2011-12-28T12:00Z',
      '2012-01-01T00:00Z',
      [
        '2011-12-28T14:00 2011-12-28',
        '2011-12-29T14:00 2011-12-29',
        '2011-12-30T10:00 2011-12-30',
        '2011-12-30T14:00 2011-12-31',
        '2011-12-31T14:00 2012-01-01',
      ],
    ],
    [
      'where a date comes twice',
      'Pacific/Kwajalein',
      4,
      '1969-09-29T00:00Z',
      '1969-10-03T00:00Z',
      ['1969-09-29T17:00 1969-09-30', '1969-10-01T16:00 1969-10-01', '1969-10-02T16:00 1969-10-02'],
    ],
  ])('are right %s', (_what, timeZone, resetHour, from, to, expected) => {
    expect(beginnings(days(timeZone, resetHour), from, to)).toEqual(expected)
  })

  it('never go back, and change exactly when they are said to, as minute after minute of clocks shows', () => {
    const zones = [
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'America/Sao_Paulo',
      'America/St_Johns',
      'America/Havana',
      'Africa/Cairo',
      'Africa/Casablanca',
      'Asia/Kathmandu',
      'Asia/Tehran',
      'Australia/Lord_Howe',
      'Pacific/Apia',
      'Pacific/Chatham',
      'Pacific/Kiritimati',
      'Antarctica/Troll',
      'Antarctica/Casey',
    ]
    const start = fc.oneof(
      { weight: 1, arbitrary: fc.integer({ min: Date.UTC(1975, 0), max: Date.UTC(2035, 0) }) },
      // The days around which clocks are changed in most of the zones, and the date that Samoa left out.
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          Date.UTC(2018, 10, 2),
          Date.UTC(2018, 1, 16),
          Date.UTC(2026, 2, 27),
          Date.UTC(2026, 9, 23),
          Date.UTC(2026, 2, 6),
          Date.UTC(2026, 9, 30),
          Date.UTC(2011, 11, 28),
          Date.UTC(2010, 2, 3),
          Date.UTC(2010, 10, 5),
          Date.UTC(2026, 3, 3),
          Date.UTC(2026, 9, 2),
        ),
      },
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 0, max: 23 }),
        start,
        fc.integer({ min: 0, max: 24 * 60 }),
        (timeZone, resetHour, startMs, shift) => {
          const fromMs = Math.floor(startMs / minuteMs) * minuteMs + shift * minuteMs
          const tested = new GameDays({ timeZone, resetHour })
          // What the clocks showed in the two days before counts too: a day that has begun does not begin again.
          const shown = clocks(timeZone, resetHour)
          let day = ''
          for (let ms = fromMs - 48 * hourMs; ms < fromMs; ms += 15 * minuteMs)
            if (shown(ms) > day) day = shown(ms)
          const wrong: unknown[] = []
          let next = tested.nextResetMs(fromMs)
          for (let ms = fromMs; ms < fromMs + 50 * hourMs; ms += minuteMs) {
            const former = day
            if (shown(ms) > day) day = shown(ms)
            const isReset = ms > fromMs && day !== former
            if (tested.dayAt(ms) !== day || isReset !== (ms === next)) wrong.push([new Date(ms), day])
            if (isReset) next = tested.nextResetMs(ms)
          }
          expect(wrong).toEqual([])
        },
      ),
      { numRuns: 150 },
    )
  }, 60_000)

  it('are refused where they cannot be', () => {
    expect(() => days('Middle/Earth', 4)).toThrow('there are no days in "Middle/Earth"')
    expect(() => days('UTC', 24)).toThrow(RangeError)
    expect(['UTC', 'Europe/Berlin', 'Asia/Kathmandu'].every(isTimeZone)).toBe(true)
    expect(['', 'Berlin', 'Europe/berlin ', 'local'].some(isTimeZone)).toBe(false)
  })
})

/** The date that is due by what a clock on the wall shows. */
function clocks(timeZone: string, resetHour: number): (ms: number) => string {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
  })
  return (ms) => {
    const [month = '', day = '', year = '', hour = ''] = format.format(ms).match(/\d+/g) ?? []
    const date = Date.UTC(Number(year), Number(month) - 1, Number(day))
    return new Date(Number(hour) >= resetHour ? date : date - 24 * hourMs).toISOString().slice(0, 10)
  }
}
