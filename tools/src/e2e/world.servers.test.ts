import { BotCrowd, villager, type Bot } from '@hydra/bots'
import type { SceneView } from '@hydra/client'
import { systemClock } from '@hydra/runtime'
import { chooseSeed, eventually, freePorts, uniqueName } from '@hydra/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { quarrels } from './friends.ts'
import { holdingsOf, ledgerOf } from './holdings.ts'
import { createRealCluster, realBackends, type RealCluster } from './real-cluster.ts'
import { balanceOf, Receipts } from './receipts.ts'
import { writeSceneTables, type SceneTables } from './scene-tables.ts'
import type { ServiceProcess } from './service-process.ts'
import { SharedCells } from './shared-cells.ts'
import { smallPortals, smallScenes } from './small-scenes.ts'

/** Decisions of the bots follow from it; when they are made, and what comes of them, does not. */
const seed = chooseSeed()
const botCount = 20
const playMs = 4_000
/** A dead process stays in the registry for its lease; players must go on soon after. */
const recoveryTimeoutMs = 15_000

const settings = {
  HYDRA_CLUSTER_LEASE_TTL_SECONDS: '1',
  HYDRA_GATE_GATE_REQUEST_TIMEOUT_MS: '2000',
  HYDRA_GAME_ROLE_GRACE_MS: '1500',
  HYDRA_GATE_LIMITS_MAX_CONNECTIONS_PER_IP: '1000',
  HYDRA_HTTP_ATTEMPTS_ENABLED: 'false',
  HYDRA_HTTP_PASSWORD_COST_LOG2: '10',
}

describe.each(realBackends())(`a world of bots (seed ${seed}) on $name`, ({ backends }) => {
  let cluster: RealCluster
  let tables: SceneTables
  let games: ServiceProcess[]
  let crowd: BotCrowd
  const receipts = Array.from({ length: botCount }, () => new Receipts())

  beforeAll(async () => {
    tables = await writeSceneTables(smallScenes)
    cluster = await createRealCluster(backends, {
      ...settings,
      HYDRA_GAME_TABLES_DIRECTORY: tables.directory,
    })
    const [portA, portB] = await freePorts(2)
    games = await Promise.all([cluster.start('game'), cluster.start('game')])
    await Promise.all([
      cluster.start('chat'),
      cluster.start('http'),
      ...[portA, portB].map((port) => cluster.start('gate', { HYDRA_GATE_GATE_PORT: String(port) })),
    ])
    const suffix = uniqueName('w').slice(-6)
    crowd = new BotCrowd({
      httpUrl: cluster.httpUrl,
      bots: botCount,
      perSecond: 50,
      seed,
      clock: systemClock,
      connect: { timeoutMs: 5_000, connectTimeoutMs: 5_000 },
      script: villager({ portals: smallPortals, wanderCm: 600 }),
      nameOf: (index) => `bot${index}x${suffix}`,
      each: (index) => ({ watch: receipts[index] ?? new Receipts() }),
    })
  }, 60_000)
  afterAll(async () => {
    await crowd.stop({ logOut: false })
    await cluster.remove()
    await tables.remove()
  }, 30_000)

  const playFor = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

  /** Waits until everybody has been answered something new in the world. */
  async function everybodyPlays(): Promise<void> {
    for (const each of receipts) each.answered.clear()
    const idle = () =>
      crowd.bots.filter((_, index) => receipts[index]?.answered.has('game.scene.move') !== true)
    await eventually(() => idle().length === 0, { timeoutMs: recoveryTimeoutMs, intervalMs: 50 }).catch(
      (error: unknown) => {
        throw new Error(
          `Not playing: ${idle()
            .map(({ name }) => name)
            .join(', ')}`,
          { cause: error },
        )
      },
    )
  }

  /** Everybody's view, of whoever has just been lost a new one. */
  const viewsOf = (bots: readonly Bot[]): Promise<readonly (readonly [string, SceneView])[]> =>
    Promise.all(bots.map(async ({ name, actor }) => [name, await actor.scene()] as const))

  it(
    'is played on, right and without a loss, when a game server is killed and another one starts',
    { timeout: 60_000 },
    async () => {
      await crowd.start()
      expect(await crowd.arrived(recoveryTimeoutMs)).toEqual([])
      await playFor(playMs)

      await games[0]?.end('SIGKILL')
      await cluster.start('game')
      await everybodyPlays()
      await playFor(playMs)
      await everybodyPlays()
      await crowd.hold()

      const cells = new SharedCells()
      await eventually(async () => cells.look(await viewsOf(crowd.bots)).length === 0, {
        timeoutMs: recoveryTimeoutMs,
        intervalMs: 5,
      }).catch(async (error: unknown) => {
        throw new Error(`Never alike: ${cells.look(await viewsOf(crowd.bots)).join('; ')}`, { cause: error })
      })
      expect(cells.size).toBeGreaterThan(0)

      for (const [index, { actor, name }] of crowd.bots.entries()) {
        // A kill of just now may still be on its way into the ledger of somebody who stood by.
        await eventually(async () => {
          const entries = await ledgerOf(actor)
          expect([name, balanceOf(entries)]).toEqual([name, await holdingsOf(actor)])
          expect([name, receipts[index]?.missingIn(entries)]).toEqual([name, []])
          return true
        })
      }

      await eventually(async () => (await quarrels(crowd.bots)).length === 0)

      const stats = crowd.stats()
      expect(stats.defects.map(String)).toEqual([])
      const { events } = stats.figures()
      for (const event of ['kills', 'loot', 'steps', 'reconnects', 'messages', 'arrivals'] as const) {
        expect([event, events[event] > 0]).toEqual([event, true])
      }
      expect(receipts.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(0)
      crowd.resume()
      await everybodyPlays()
      expect(await crowd.stop({ timeoutMs: 10_000 })).toEqual([])
    },
  )
})
