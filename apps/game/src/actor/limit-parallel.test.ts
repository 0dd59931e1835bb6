import { describe, expect, it } from 'vitest'
import { deferred, nextTurn } from '../test-support/faults.ts'
import { limitParallel } from './limit-parallel.ts'

describe('limitParallel', () => {
  it('runs so many at one time and the others in order, also after failures', async () => {
    const started: number[] = []
    const ends = Array.from({ length: 6 }, () => deferred<void>())
    const call = limitParallel(2, async (index: number) => {
      started.push(index)
      await ends[index]?.promise
      if (index % 2 === 1) throw new Error(`call ${index}`)
      return index
    })
    const results = Promise.allSettled(ends.map((_, index) => call(index)))
    expect(started).toEqual([0, 1])
    ends[1]?.resolve()
    await nextTurn()
    expect(started).toEqual([0, 1, 2])
    for (const { resolve } of ends) resolve()
    expect((await results).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
    ])
    expect(started).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('gives all places back', async () => {
    const call = limitParallel(1, () => Promise.resolve('done'))
    await Promise.all([call(), call(), call()])
    await expect(call()).resolves.toBe('done')
  })
})
