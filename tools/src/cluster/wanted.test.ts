import { describe, expect, test } from 'vitest'
import { countsText, wantedCounts } from './wanted.ts'

describe('how many are wanted', () => {
  test('one of each at first, and what runs later, where nothing is said', () => {
    expect(wantedCounts({}, undefined)).toEqual({ gate: 1, http: 1, game: 1, chat: 1 })
    const running = { gate: 2, http: 1, game: 3, chat: 2 }
    expect(wantedCounts({ game: '1', http: '0' }, running)).toEqual({ gate: 2, http: 0, game: 1, chat: 2 })
  })

  test.each(['-1', '1.5', 'two', '', '65', '1e1'])('not "%s"', (text) => {
    expect(() => wantedCounts({ gate: text }, undefined)).toThrow(`--gate is "${text}"`)
  })

  test('a cluster of nothing is none', () => {
    expect(() => wantedCounts({ gate: '0', http: '0', game: '0', chat: '0' }, undefined)).toThrow(
      'hydra down',
    )
  })

  test('as text', () => {
    expect(countsText({ gate: 2, http: 1, game: 1, chat: 0 })).toBe('2 gates, 1 http, 1 game')
  })
})
