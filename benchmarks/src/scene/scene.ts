import { createRealCluster, type Backends, type RealCluster } from '@hydra/tools'
import { freePorts } from '@hydra/testing'
import type { Duration } from '../load/measure-load.ts'
import { portOf, unlimited } from '../load/players.ts'
import { cpuMicros } from '../measure/cpu-time.ts'
import { grown, quantileBetween, readMetrics } from '../measure/metrics.ts'
import { median } from '../measure/median.ts'
import type { Report, Row } from '../measure/report.ts'
import { measureDeltas, measureFullState } from './encoding.ts'
import { writePlain, type Plain } from './plain.ts'
import { openSettlers, type Settlers } from './settlers.ts'
import { Walkers } from './walkers.ts'
import { Watchers } from './watchers.ts'

/** What to run it on. */
export interface SceneOptions {
  readonly backends: Backends
  /** Of the nats-server behind `backends`. */
  readonly natsPid: number
  readonly gates: number
  /** How many players walk about, in one row each: growing. */
  readonly players: readonly number[]
  /** How many of the players have a real view, besides the walkers. */
  readonly views: number
  readonly plain: Plain
  readonly duration: Duration
  readonly rounds: number
  /** Into this folder the game server writes a profile of its CPU time. */
  readonly profileDir?: string
}

/** A cluster of real processes, and where it is. */
interface Stage {
  readonly cluster: RealCluster
  readonly ports: readonly number[]
  readonly opsPort: number
  readonly pids: Readonly<Record<string, number>>
  readonly settlers: Settlers
}

const profileOnExit = new URL('../measure/profile-on-exit.mjs', import.meta.url)
const seed = 7
/** Whose deltas are encoded again, to compare. */
const recordMs = 1_000
/** The budget of a tick: half of it. Beyond this, more players are not tried. */
const tickBudgetMs = 50
const tickMetric = 'hydra_scene_tick_seconds'
const skippedMetric = 'hydra_scene_ticks_skipped_total'
const handledMetric = 'hydra_rpc_handled_total'

/**
 * What it costs to have so many players walk about in one scene, ten steps a second each, over real gates: time of a tick,
 * bytes to each client and CPU of each process, against sending everybody the whole population in every tick. Real views
 * among the walkers tell whether what arrives is right.
 */
export async function scene(options: SceneOptions): Promise<Report> {
  const plain = await writePlain(options.plain)
  try {
    const stage = await openStage(options, plain.directory)
    try {
      return { benchmark: 'scene', rows: await play(stage, options) }
    } finally {
      await stage.settlers.close()
      await stage.cluster.remove()
    }
  } finally {
    await plain.remove()
  }
}

async function openStage(
  { backends, natsPid, gates, profileDir }: SceneOptions,
  tables: string,
): Promise<Stage> {
  const cluster = await createRealCluster(backends, {
    ...unlimited,
    HYDRA_GAME_TABLES_DIRECTORY: tables,
    HYDRA_GATE_GATE_HEARTBEAT_SECONDS: '3600',
  })
  try {
    const [opsPort = 0] = await freePorts(1)
    const game = await cluster.start('game', {
      HYDRA_GAME_OPS_PORT: String(opsPort),
      ...(profileDir === undefined
        ? {}
        : { NODE_OPTIONS: `--import=${profileOnExit.href}`, PROFILE_DIR: profileDir }),
    })
    await Promise.all([cluster.start('chat'), cluster.start('http')])
    const pids: Record<string, number> = { game: game.pid, nats: natsPid, load: process.pid }
    const ports: number[] = []
    for (let index = 1; index <= gates; index++) {
      const gate = await cluster.start('gate', { HYDRA_GATE_GATE_PORT: '0' })
      pids[`gate ${index}`] = gate.pid
      ports.push(portOf(await gate.ready))
    }
    return { cluster, ports, opsPort, pids, settlers: await openSettlers(cluster.mysqlUrl) }
  } catch (error) {
    await cluster.remove()
    throw error
  }
}

async function play(stage: Stage, options: SceneOptions): Promise<Row[]> {
  const { ports, settlers, cluster } = stage
  const { players, views, plain, profileDir } = options
  const walkers = new Walkers({ ports, settlers, side: plain.side, seed })
  const rows: Row[] = []
  let watchers: Watchers | undefined
  try {
    watchers = await Watchers.open({ httpUrl: cluster.httpUrl, ports, settlers, count: views, seed })
    for (const count of players) {
      await watchers.stand()
      await walkers.growTo(count - views)
      rows.push(await measureRounds(stage, options, walkers, watchers))
      // Twice in a row: once may be somebody else's load on the machine.
      if (
        rows.length > 1 &&
        rows.slice(-2).every(({ figures }) => (figures['tick p99 ms'] ?? 0) > tickBudgetMs)
      )
        break
    }
  } finally {
    walkers.close()
    await watchers?.close()
  }
  // A profile is written when the process ends in good order.
  if (profileDir !== undefined)
    await cluster.processes.find(({ service }) => service === 'game')?.end('SIGTERM')
  return rows
}

/** The round in the middle, by the time of a tick; what was wrong counts from all of them. */
async function measureRounds(...given: Parameters<typeof measure>): Promise<Row> {
  const rounds: Row[] = []
  while (rounds.length < given[1].rounds) rounds.push(await measure(...given))
  const { name, figures } = median(rounds, (round) => round.figures['tick p99 ms'] ?? 0)
  const wrong = rounds.reduce((sum, round) => sum + (round.figures['wrong'] ?? 0), 0)
  return { name, figures: { ...figures, wrong } }
}

async function measure(
  { pids, opsPort }: Stage,
  { views, duration }: SceneOptions,
  walkers: Walkers,
  watchers: Watchers,
): Promise<Row> {
  walkers.walk()
  watchers.walk()
  await walkers.measure(duration.warmUpMs)
  const [cpuBefore, before, beforeMs] = [readCpu(pids), await readMetrics(opsPort), performance.now()]
  const walked = await walkers.measure(duration.measureMs)
  const [cpuAfter, after, afterMs] = [readCpu(pids), await readMetrics(opsPort), performance.now()]
  const deltas = measureDeltas(await walkers.record(recordMs))
  walkers.stand()
  await watchers.stand()
  const sync = await watchers.compare(walkers.population())
  const full = measureFullState(walkers.population())

  const { seconds, steps, refused, pushes, pushBytes, shownMs } = walked
  const quantile = (share: number) => shownMs[Math.floor(shownMs.length * share)] ?? 0
  const perClient = pushBytes / walkers.size / seconds
  const ticksPerSecond = (1_000 * grown(before, after, `${tickMetric}_count`)) / (afterMs - beforeMs)
  const fullPerClient = full.bytesPerTick * ticksPerSecond
  const perPlayer = (name: string) =>
    ((cpuAfter[name] ?? 0) - (cpuBefore[name] ?? 0)) / seconds / 1_000 / (walkers.size + views)
  const gates = Object.keys(pids).filter((name) => name.startsWith('gate'))
  return {
    name: `${walkers.size + views} players`,
    figures: {
      'tick p50 ms': 1_000 * quantileBetween(before, after, tickMetric, 0.5),
      'tick p99 ms': 1_000 * quantileBetween(before, after, tickMetric, 0.99),
      'ticks/s': ticksPerSecond,
      'steps/player/s': steps / seconds / walkers.size,
      'shown p50 ms': quantile(0.5),
      'shown p99 ms': quantile(0.99),
      'pushes/client/s': pushes / walkers.size / seconds,
      'bytes/client/s': perClient,
      'full bytes/client/s': fullPerClient,
      'bytes ratio': fullPerClient / perClient,
      'encode µs/tick': deltas.microsPerTick,
      'full encode µs/tick': full.microsPerTick,
      'game ms/player/s': perPlayer('game'),
      'gates ms/player/s': gates.reduce((sum, gate) => sum + perPlayer(gate), 0),
      'nats ms/player/s': perPlayer('nats'),
      'load ms/player/s': perPlayer('load'),
      refused,
      cells: sync.cells,
      wrong: sync.wrong,
      resyncs: grown(before, after, `${handledMetric}{route="game.scene.resync",code="OK"}`),
      skipped: grown(before, after, skippedMetric),
    },
  }
}

const readCpu = (pids: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuMicros(pid)]))
