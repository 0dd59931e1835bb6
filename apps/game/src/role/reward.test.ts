import { limits, pushes } from '@hydra/protocol'
import { describe, expect, it } from 'vitest'
import { rewardOf } from './reward.ts'
import { newRole } from './role.ts'

const ada = newRole({ rid: 'r1', uid: 'u1', name: 'Ada' }, 1_000)

describe('what a player is told of an entry', () => {
  it('is what came by it', () => {
    const items = [
      { item: 'box', count: -1 },
      { item: 'herb', count: limits.itemStackMax + 2 },
    ]
    const reward = rewardOf('use', { gold: -5, gems: 2, items }, ada)
    expect(reward).toMatchObject({
      reason: 'use',
      exp: 0,
      gold: 0,
      gems: 2,
      items: [
        { item: 'herb', count: limits.itemStackMax },
        { item: 'herb', count: 2 },
      ],
    })
    expect(pushes.game.role.rewarded.payload.safeParse(reward).success).toBe(true)
  })

  it('is nothing when nothing came', () => {
    expect(rewardOf('use', { items: [{ item: 'potion', count: -1 }] }, ada)).toBeUndefined()
  })
})
