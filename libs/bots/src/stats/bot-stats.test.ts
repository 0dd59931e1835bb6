import { HydraError } from '@hydra/protocol'
import { expect, it } from 'vitest'
import { BotStats } from './bot-stats.ts'

function busy(latencyMs: number): BotStats {
  const stats = new BotStats()
  stats.answered('game.scene.move', latencyMs)
  stats.refused('TOO_SOON')
  stats.pushed('game.scene.delta')
  stats.happened('steps', 2)
  for (let n = 0; n < 15; n++) stats.defect(new HydraError('INTERNAL', `Defect ${n}.`))
  return stats
}

it('the figures of several bots are those of all of them together, and defects are kept to a bound', () => {
  const sum = busy(2)
  sum.add(busy(200))
  expect(sum.defects).toHaveLength(20)
  const figures = sum.figures()
  expect(figures).toMatchObject({
    requests: 2,
    maxMs: 200,
    pushes: 2,
    defects: 30,
    refusals: { TOO_SOON: 2 },
    pushesByName: { 'game.scene.delta': 2 },
  })
  expect(figures.events.steps).toBe(4)
  expect(figures.routes['game.scene.move']?.count).toBe(2)
  expect(JSON.parse(JSON.stringify(figures))).toEqual(figures)
})
