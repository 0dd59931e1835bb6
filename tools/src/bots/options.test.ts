import { describe, expect, it } from 'vitest'
import { parseBotsOptions } from './options.ts'
import { UsageError } from './usage-error.ts'

describe('options of hydra bots', () => {
  it('are those that the help names when nothing is said', () => {
    const options = parseBotsOptions(['20'])
    expect(options).toMatchObject({
      bots: 20,
      httpUrl: undefined,
      playMs: undefined,
      perSecond: 20,
      script: 'villager',
      arriveWithinMs: 60_000,
      json: false,
    })
    expect(options?.namePrefix).toBe(`b${options?.seed.toString(36)}n`)
  })

  it('give the same names for the same seed, and others for another run', () => {
    const [a, b, again] = [['5'], ['5'], ['5', '--seed', '4294967295']].map(parseBotsOptions)
    expect(a?.namePrefix).not.toBe(b?.namePrefix)
    expect(again?.namePrefix).toBe('b1z141z3n')
  })

  it('take minutes for seconds, and a name', () => {
    const options = parseBotsOptions(['5', '--minutes', '5', '--name', 'ada', '--per-second', '3'])
    expect(options).toMatchObject({ playMs: 300_000, namePrefix: 'ada', perSecond: 3 })
  })

  it('tolerate the codes that are named, or all that a retry mends', () => {
    const some = parseBotsOptions(['5', '--tolerate', 'TIMEOUT, SERVER_GONE'])?.tolerated
    expect([...(some ?? [])]).toEqual(['TIMEOUT', 'SERVER_GONE'])
    const all = parseBotsOptions(['5', '--tolerate', 'all'])?.tolerated
    expect([all?.has('CONNECTION_CLOSED'), all?.has('INTERNAL')]).toEqual([true, false])
  })

  it('are none when help is asked for', () => {
    expect(parseBotsOptions(['--help'])).toBeUndefined()
  })

  it.each([
    [[], 'Say how many bots'],
    [['2', '3'], 'Say how many bots'],
    [['0'], 'from 1 to'],
    [['2.5'], 'from 1 to'],
    [['2', '--script', 'constructor'], '--script takes one of villager'],
    [['2', '--seconds', '1', '--minutes', '1'], 'not both'],
    [['2', '--seconds', '-1'], '--seconds'],
    [['2', '--http', 'localhost'], '--http takes an address'],
    [['2', '--name', 'no spaces'], '--name takes letters and digits'],
    [['2000', '--name', 'abcdefghijklm'], '2 to 12 for so many bots'],
    [['2', '--tolerate', 'TIMEOUT,NONE'], 'no error code NONE'],
  ])('refuse %j', (argv, complaint) => {
    // An argument that looks like an option is refused by node:util itself.
    const isOurs = !argv.includes('-1')
    expect(() => parseBotsOptions(argv)).toThrow(isOurs ? UsageError : Error)
    expect(() => parseBotsOptions(argv)).toThrow(complaint)
  })
})
