import { HydraError, type ErrorCode } from '@hydra/protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import type { RequestOutcome } from './bot-identity.ts'
import { Repeats } from './repeats.ts'

describe('a request that is repeated', () => {
  let nowMs: number
  let refused: string[]
  let outcomes: RequestOutcome[]

  beforeEach(() => {
    nowMs = 0
    refused = []
    outcomes = []
  })

  const repeats = (patienceMs: number) =>
    new Repeats({
      clock: { monotonicMs: () => nowMs, after: () => ({ cancel: () => {} }) },
      watch: {
        onRefused: (route, { code }, attempt) => void refused.push(`${attempt} ${route} ${code}`),
        onOutcome: (outcome) => void outcomes.push(outcome),
      },
      patienceMs,
      backOff: async () => void (nowMs += 100),
    })

  /** Fails with each of the codes, then succeeds. */
  const failing = (...codes: ErrorCode[]) => {
    const lasts: (ErrorCode | undefined)[] = []
    const send = async (last: HydraError | undefined) => {
      lasts.push(last?.code)
      const code = codes.shift()
      if (code !== undefined) throw new HydraError(code, 'Not now.')
      return 'done'
    }
    return { lasts, send }
  }

  it('is sent until it is done, and knows what it failed with', async () => {
    const { lasts, send } = failing('CONNECTION_CLOSED', 'SESSION_ENDED', 'NOT_IN_SCENE')
    expect(await repeats(1_000).repeat('a.b.c', send)).toBe('done')
    expect(lasts).toEqual([undefined, 'CONNECTION_CLOSED', 'SESSION_ENDED', 'NOT_IN_SCENE'])
    expect(refused).toEqual(['1 a.b.c CONNECTION_CLOSED', '2 a.b.c SESSION_ENDED', '3 a.b.c NOT_IN_SCENE'])
    expect(outcomes).toEqual([{ route: 'a.b.c', ms: 300, attempts: 4, code: undefined }])
  })

  it('ends with what no repetition mends', async () => {
    const { send } = failing('TIMEOUT', 'TEAM_FULL')
    await expect(repeats(1_000).repeat('a.b.c', send)).rejects.toMatchObject({ code: 'TEAM_FULL' })
    expect(outcomes).toEqual([{ route: 'a.b.c', ms: 100, attempts: 2, code: 'TEAM_FULL' }])
  })

  it('ends with the patience, but not before the attempts that it has for certain', async () => {
    const codes = Array.from({ length: 50 }, () => 'SERVER_BUSY' as const)
    await expect(repeats(250).repeat('a.b.c', failing(...codes).send)).rejects.toMatchObject({
      code: 'SERVER_BUSY',
    })
    await expect(repeats(250).repeat('a.b.c', failing(...codes).send, 12)).rejects.toThrow('Not now.')
    await expect(repeats(0).repeat('a.b.c', failing(...codes).send)).rejects.toThrow('Not now.')
    expect(outcomes.map(({ attempts }) => attempts)).toEqual([4, 12, 1])
  })

  it('does not enter a scene again without patience', async () => {
    const { send } = failing('NOT_IN_SCENE')
    await expect(repeats(0).repeat('a.b.c', send, 12)).rejects.toMatchObject({ code: 'NOT_IN_SCENE' })
  })
})
