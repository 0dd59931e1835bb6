import { expect, it } from 'vitest'
import { meadow } from '../../test-support/scene-fixture.ts'
import { throughPortal } from './portals.ts'

const { portals } = meadow()

it('a portal in reach leads to its scene', () => {
  expect(throughPortal(portals, [700, 500], 'cave')).toEqual({ scene: 'cave', x: 50, y: 60 })
})

it('one out of reach, or to another scene, does not', () => {
  const refusal = expect.objectContaining({ code: 'NO_PORTAL' })
  expect(() => throughPortal(portals, [699, 500], 'cave')).toThrow(refusal)
  expect(() => throughPortal(portals, [900, 500], 'moon')).toThrow(refusal)
})

it('of several to one scene, the one in reach counts', () => {
  const [first] = portals
  const second = { at: { x: 5_000, y: 500 }, reach: 100, to: 'cave', arriveAt: { x: 1, y: 2 } }
  const both = [...(first === undefined ? [] : [first]), second]
  expect(throughPortal(both, [5_000, 600], 'cave')).toEqual({ scene: 'cave', x: 1, y: 2 })
})
