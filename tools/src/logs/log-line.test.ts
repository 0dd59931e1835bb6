import { describe, expect, test } from 'vitest'
import { createFormat, isAtLeast, parseLogLine } from './log-line.ts'

const pino = '{"level":"warn","time":"2026-11-28T05:51:09.123Z","service":"gate","gates":2,"msg":"told"}'
const at = (text: string): number => Date.parse(text)

describe('a line of a log', () => {
  test.each([
    ['pino', pino, at('2026-11-28T05:51:09.123Z'), 'warn'],
    [
      'etcd',
      '{"level":"warn","ts":"2026-11-28T05:51:09.123Z","msg":"x"}',
      at('2026-11-28T05:51:09.123Z'),
      'warn',
    ],
    ['MariaDB', '2026-11-28  5:51:09 0 [Warning] x', at('2026-11-28 05:51:09'), 'warn'],
    ['NATS', '[7] 2026/11/28 05:51:09.500000 [ERR] x', at('2026-11-28 05:51:09.5'), 'error'],
    ['Redis', '7:M 28 Nov 2026 05:51:09.500 * Ready', at('2026-11-28 05:51:09.5'), 'info'],
    ['Redis, loud', '7:M 28 Nov 2026 05:51:09.500 # OOM', at('2026-11-28 05:51:09.5'), 'warn'],
    ['part of a stack', '    at main.ts:1', 42, undefined],
    ['half a line', '{"level":"warn","ti', 42, undefined],
  ])('of %s has its time and level', (_, text, timeMs, level) => {
    expect(parseLogLine('x', text, 42)).toEqual({ name: 'x', text, timeMs, level })
  })

  test('is chosen by level; one without belongs to another', () => {
    const line = parseLogLine('x', pino, 0)
    expect([isAtLeast(line, 'info'), isAtLeast(line, 'warn'), isAtLeast(line, 'error')]).toEqual([
      true,
      true,
      false,
    ])
    expect(isAtLeast(parseLogLine('x', '    at main.ts:1', 0), 'error')).toBe(true)
  })

  test('is written for people', () => {
    const format = createFormat({ color: false, nameWidth: 8 })
    expect(format(parseLogLine('gate-1', pino, 0))).toMatch(
      /^gate-1 {3}\[\d\d:\d\d:09\.123\] WARN: told \{"gates":2\}$/,
    )
    expect(format(parseLogLine('mysql', 'plain', 0))).toBe('mysql    plain')
  })
})
