import { createLogger, createMetrics } from '@hydra/runtime'
import { beforeEach, describe, expect, it } from 'vitest'
import { deferred, nextTurn } from '../../test-support/faults.ts'
import type { Kill } from '../scene.ts'
import { Rewards, type RewardsOptions } from './rewards.ts'
import { createSceneMetrics } from './scene-metrics.ts'

const killOf = (killId: string, byRid = 'ada'): Kill => ({
  killId,
  monster: 'wolf',
  at: [0, 0],
  byRid,
  rids: [byRid],
  nearby: ['ada', 'bob'],
  exp: 10,
  gold: 3,
})

describe('rewards', () => {
  let given: string[]
  let lines: Record<string, unknown>[]
  let gate: ReturnType<typeof deferred<void>>
  let underWay: number
  let most: number

  beforeEach(() => {
    given = []
    lines = []
    gate = deferred()
    underWay = most = 0
  })

  const rewards = (options: Partial<RewardsOptions> = {}) =>
    new Rewards({
      give: async ({ rid, uid }, { killId }, { exp, gold }) => {
        most = Math.max(most, (underWay += 1))
        await gate.promise
        underWay -= 1
        given.push(`${killId} ${rid} ${uid} ${exp} ${gold}`)
      },
      teamOf: (rid) => Promise.resolve([rid]),
      uidOf: (rid) => `u-${rid}`,
      log: createLogger({ level: 'info', write: (line) => lines.push(JSON.parse(line)) }),
      outcomes: createSceneMetrics(createMetrics({ service: 'test' })).rewards,
      pendingMax: 3,
      parallel: 2,
      ...options,
    })

  it('are given beside whoever adds them, to all who share, so many at a time', async () => {
    const some = rewards({ teamOf: () => Promise.resolve(['ada', 'bob', 'elsewhere']) })
    some.add(killOf('k1'))
    some.add(killOf('k2', 'bob'))
    await nextTurn()
    expect([given, some.pending, most]).toEqual([[], 2, 2])
    gate.resolve()
    await some.settled()
    expect(given.toSorted()).toEqual([
      'k1 ada u-ada 6 3',
      'k1 bob u-bob 6 0',
      'k2 ada u-ada 6 0',
      'k2 bob u-bob 6 3',
    ])
    expect([some.pending, most]).toEqual([0, 2])
  })

  it('are refused beyond the bound, which is logged', async () => {
    const some = rewards()
    for (const id of ['k1', 'k2', 'k3', 'k4']) some.add(killOf(id))
    expect(lines).toMatchObject([{ kill: { killId: 'k4' }, level: 'error' }])
    gate.resolve()
    await some.settled()
    expect(given).toHaveLength(3)
  })

  it('that fail are logged, and others are given', async () => {
    gate.resolve()
    const some = rewards({ uidOf: (rid) => (rid === 'ada' ? undefined : 'u') })
    some.add(killOf('k1'))
    some.add(killOf('k2', 'bob'))
    await some.settled()
    expect(given).toEqual(['k2 bob u 10 3'])
    expect(lines).toMatchObject([{ rid: 'ada', killId: 'k1', level: 'error' }])
  })

  it('of one role are waited for without those of others', async () => {
    const some = rewards()
    some.add({ ...killOf('k1', 'cyd'), nearby: [] })
    let settled = false
    await some.settled('ada')
    void some.settled('cyd').then(() => (settled = true))
    await nextTurn()
    expect(settled).toBe(false)
    gate.resolve()
    await some.settled('cyd')
  })
})
