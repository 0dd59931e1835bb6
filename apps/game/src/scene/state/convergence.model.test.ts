import { createSceneView } from '@hydra/client'
import { chooseSeed } from '@hydra/testing'
import { expect, test } from 'vitest'
import type { PlayedView, PlayedViewOptions } from '../../test-support/scene-world/player-model.ts'
import { SceneWorld, type StoryEnd } from '../../test-support/scene-world/scene-world.ts'
import type { Story } from '../../test-support/scene-world/story.ts'

// The same stories each time; HYDRA_TEST_SEED=random draws others, and the number printed repeats them.
const seed = chooseSeed()

const gentle = { delayMaxMs: 15, drop: 0, repeat: 0.02, fail: 0, loss: 0, relocation: 0 }
const wild = { delayMaxMs: 15, drop: 0.002, repeat: 0.02, fail: 0.05, loss: 0.003, relocation: 0.003 }

/** The world has the view as a client has it, with only what it uses of the client in between. */
const createView = ({ client, ...options }: PlayedViewOptions): PlayedView =>
  createSceneView({ ...options, client: client as never })

async function tell(
  title: string,
  story: Omit<Story, 'seed'>,
  { stories, ticks }: { stories: number; ticks: number },
): Promise<StoryEnd> {
  const sum: StoryEnd = { ticks: 0, exact: 0, resyncs: 0, troubles: 0, longestRecovery: 0 }
  for (let i = 0; i < stories; i++) {
    const end = await new SceneWorld({ ...story, seed: seed * 1_000 + i }, createView).tell(ticks)
    sum.ticks += end.ticks
    sum.exact += end.exact
    sum.resyncs += end.resyncs
    sum.troubles += end.troubles
    sum.longestRecovery = Math.max(sum.longestRecovery, end.longestRecovery)
  }
  process.stdout.write(`${title}: HYDRA_TEST_SEED=${seed} ${JSON.stringify(sum)}\n`)
  return sum
}

test('views are the server, step by step and without asking, when nothing is lost', async () => {
  const { resyncs, troubles, exact } = await tell('gentle', gentle, { stories: 3, ticks: 500 })
  // The one trouble that there can be: calls of two servers to the gate that overtake each other.
  expect(resyncs).toBeLessThanOrEqual(troubles)
  expect(exact).toBeGreaterThan(8_000)
})

test('views are right again soon after pushes were lost', async () => {
  const { exact, resyncs } = await tell('lossy', { ...gentle, drop: 0.002 }, { stories: 4, ticks: 600 })
  expect(exact).toBeGreaterThan(10_000)
  expect(resyncs).toBeGreaterThan(0)
})

test('views find their scene again when its server has gone, told or not', async () => {
  const { exact, troubles } = await tell(
    'servers',
    { ...gentle, relocation: 0.01 },
    { stories: 3, ticks: 600 },
  )
  expect(exact).toBeGreaterThan(8_000)
  expect(troubles).toBeGreaterThan(0)
})

test('views are right again whatever was lost', async () => {
  const { exact } = await tell('wild', wild, { stories: 6, ticks: 600 })
  expect(exact).toBeGreaterThan(15_000)
})

test('views are right again when everything is late as well', async () => {
  const { exact } = await tell('late', { ...wild, delayMaxMs: 350 }, { stories: 12, ticks: 600 })
  expect(exact).toBeGreaterThan(20_000)
})
