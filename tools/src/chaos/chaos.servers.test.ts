import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { complaints, type ChaosReport } from './report.ts'
import { runChaos } from './run-chaos.ts'
import { createWorld, victimKinds, type World } from './world.ts'

/** The short form of `npm run chaos`: each kind of process is killed once. */
describe('with one process after the other killed under load', () => {
  let world: World
  let report: ChaosReport

  beforeAll(async () => {
    world = await createWorld()
    report = await runChaos(world, {
      clients: 40,
      rounds: 1,
      kinds: victimKinds,
      seed: 7,
      pauseMs: 100,
      downMinMs: 200,
      downMaxMs: 1_000,
      calmMs: 200,
      backLimitMs: 10_000,
    })
  }, 150_000)
  afterAll(() => world.close(), 30_000)

  it('every kind of process was killed, and clients noticed', () => {
    expect(report.kills).toHaveLength(victimKinds.length)
    expect(report.failed).toBeGreaterThan(0)
    for (const { victim, acknowledged } of report.kills) {
      expect([victim, acknowledged]).toEqual([victim, expect.any(Number)])
      expect(acknowledged).toBeGreaterThan(0)
    }
  })

  it('nothing acknowledged is lost or out of order, everybody is served again in time, nothing is left', () => {
    expect(complaints(report)).toEqual([])
  })
})
