import { describe, expect, test } from 'vitest'
import { eventually } from './eventually.ts'

describe('eventually', () => {
  test('gives the first value that is there, and looks no further', async () => {
    const answers = [false, undefined, null, 0, 1]
    let looks = 0
    expect(await eventually(() => answers[looks++], { intervalMs: 1 })).toBe(0)
    expect(looks).toBe(4)
  })

  test('takes an exception for "not yet"', async () => {
    let looks = 0
    const check = async (): Promise<string> => {
      if (looks++ < 2) throw new Error('connection refused')
      return 'there'
    }
    expect(await eventually(check, { intervalMs: 1 })).toBe('there')
  })

  test('gives up in the end and says why it was not true', async () => {
    const never = (): never => {
      throw new Error('connection refused')
    }
    await expect(eventually(never, { timeoutMs: 5, intervalMs: 1 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      cause: { message: 'connection refused' },
    })
  })
})
