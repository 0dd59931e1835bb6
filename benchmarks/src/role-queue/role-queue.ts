import { fsyncLatency } from '../measure/fsync-latency.ts'
import { residentBytes, settledMemory } from '../measure/memory.ts'
import { median } from '../measure/median.ts'
import type { Report, Row } from '../measure/report.ts'
import type { BenchRole } from './bench-role.ts'
import { closedLoop, type Answers } from './closed-loop.ts'
import { openRoleWorld, type MeasuredQueue, type RoleWorld } from './role-world.ts'

/** What to run it on. */
export interface RoleQueueOptions {
  readonly roles: number
  /** Changes under way at one time, in the row that shows a queue with room to spare. */
  readonly fewInFlight: number
  /** Changes of each role under way, in the rows that show what the queue is for: one write that answers many. */
  readonly changesPerRole: number
  /** How long the load is sustained; rounds take a sixth of it for each of their parts. */
  readonly measureMs: number
  readonly rounds: number
}

/** What an awaited UPDATE for each change is tried with; the best one is the yardstick. */
const updatesInFlight = [8, 16, 64]
/** Connections that batched upserts are tried with; the best one is the yardstick. */
const upsertConnections = [1, 2, 4]
/** How often all roles are written in each round. */
const passes = 3
const drainTimeoutMs = 60_000
const sampleMs = 250

/** One round: the queue and its yardsticks, one after the other. */
interface Round {
  readonly updates: Measured
  readonly pushes: Measured
  readonly coalesced: Measured
  readonly upsertsPerSecond: number
  readonly flushedPerSecond: number
}

/**
 * The role queue on real servers with a production's durability: acknowledged changes against one awaited UPDATE for
 * each, and rows flushed from a backlog against batched upserts of the same rows with nothing around them.
 */
export async function roleQueue(options: RoleQueueOptions): Promise<Report> {
  const disk = await fsyncLatency()
  const world = await openRoleWorld(options.roles)
  try {
    const queue = world.openQueue()
    // Waits for nothing but `drain`, so that a backlog of all roles can be built up.
    const held = world.openQueue({
      flushIntervalMs: 60_000,
      flushEarlyAtRoles: 1_000_000,
      dirtyMax: 1_000_000,
    })
    const partMs = options.measureMs / 6
    const best = await chooseYardsticks(world, partMs)
    const many = options.roles * options.changesPerRole
    await pushAll(world, queue, options.roles, partMs)
    const rounds: Round[] = []
    for (let round = 0; round < options.rounds; round++) {
      rounds.push({
        updates: await updates(world, best.inFlight, partMs),
        pushes: await pushAll(world, queue, options.roles, partMs),
        coalesced: await pushAll(world, queue, many, partMs),
        upsertsPerSecond: await upserts(world, best.connections),
        flushedPerSecond: await flushes(world, held),
      })
    }
    const sustained = [
      await sustain(world, queue, options.roles, options.measureMs),
      await sustain(world, queue, many, options.measureMs),
    ]
    const few = await pushAll(world, queue, options.fewInFlight, partMs)
    return {
      benchmark: 'role-queue',
      rows: [
        ...compare(rounds, best, options),
        ...sustained,
        { name: `queue, ${options.fewInFlight} in flight`, figures: figuresOf(few) },
        { name: 'disk: 4 KiB and fdatasync', figures: { 'p50 ms': disk.p50Ms, 'p99 ms': disk.p99Ms } },
      ],
    }
  } finally {
    await world.close()
  }
}

/** Answers, and what they cost this process, MariaDB and Redis together. */
type Measured = Answers & { readonly cpuMicrosEach: number }

async function withCpu(world: RoleWorld, load: () => Promise<Answers>): Promise<Measured> {
  const before = world.cpuMicros()
  const answers = await load()
  return { ...answers, cpuMicrosEach: (world.cpuMicros() - before) / answers.count }
}

const updates = (world: RoleWorld, inFlight: number, measureMs: number): Promise<Measured> =>
  withCpu(world, () => closedLoop(world.roles, inFlight, measureMs, (role) => world.raw.updateOne(role)))

const push = (queue: MeasuredQueue, role: BenchRole): Promise<void> => queue.push(role.change())

/** The load, and until everything of it is saved: the costs are whole, and what follows has the machine for itself. */
async function pushAll(
  world: RoleWorld,
  queue: MeasuredQueue,
  inFlight: number,
  measureMs: number,
): Promise<Measured> {
  const measured = await withCpu(world, async () => {
    const answers = await closedLoop(world.roles, inFlight, measureMs, (role) => push(queue, role))
    await drain(queue)
    return answers
  })
  await world.verify()
  return measured
}

async function drain(queue: MeasuredQueue): Promise<void> {
  const { left } = await queue.drain(drainTimeoutMs)
  if (left > 0) throw new Error(`${left} roles could not be saved.`)
}

/** Rows per second of batched upserts. */
async function upserts({ roles, raw }: RoleWorld, connections: number): Promise<number> {
  let seconds = 0
  for (let pass = 0; pass < passes; pass++) seconds += await raw.upsertAll(roles, connections)
  return (passes * roles.length) / seconds
}

/** Rows per second from a backlog of acknowledged changes to all of them saved and their journal entries removed. */
async function flushes({ roles, verify }: RoleWorld, held: MeasuredQueue): Promise<number> {
  let seconds = 0
  for (let pass = 0; pass < passes; pass++) {
    await Promise.all(roles.map((role) => push(held, role)))
    const startMs = performance.now()
    await drain(held)
    seconds += (performance.now() - startMs) / 1_000
    await verify()
  }
  return (passes * roles.length) / seconds
}

interface Yardsticks {
  readonly inFlight: number
  readonly connections: number
}

async function chooseYardsticks(world: RoleWorld, partMs: number): Promise<Yardsticks> {
  const best = async (candidates: readonly number[], measure: (candidate: number) => Promise<number>) => {
    let [chosen, most] = [0, 0]
    for (const candidate of candidates) {
      const perSecond = await measure(candidate)
      if (perSecond > most) [chosen, most] = [candidate, perSecond]
    }
    return chosen
  }
  const updatesPerSecond = async (inFlight: number) => (await updates(world, inFlight, partMs)).perSecond
  return {
    inFlight: await best(updatesInFlight, updatesPerSecond),
    connections: await best(upsertConnections, (connections) => upserts(world, connections)),
  }
}

/** The load for the whole time, with the memory of this process before, meanwhile and after. */
async function sustain(
  world: RoleWorld,
  queue: MeasuredQueue,
  inFlight: number,
  measureMs: number,
): Promise<Row> {
  const before = settledMemory()
  const samples: number[] = []
  const timer = setInterval(() => void samples.push(residentBytes(process.pid)), sampleMs)
  let flushed = -queue.rowsFlushed()
  const answers = await withCpu(world, async () => {
    const loop = await closedLoop(world.roles, inFlight, measureMs, (role) => push(queue, role))
    flushed += queue.rowsFlushed()
    clearInterval(timer)
    await drain(queue)
    return loop
  })
  const after = settledMemory()
  await world.verify()
  const memory = {
    'live MiB before': before.live / 2 ** 20,
    'live MiB after': after.live / 2 ** 20,
    'resident MiB before': before.resident / 2 ** 20,
    'resident MiB after': after.resident / 2 ** 20,
    'resident MiB highest': Math.max(before.resident, ...samples) / 2 ** 20,
  }
  return {
    name: `queue, ${inFlight} in flight, sustained ${measureMs / 1_000} s`,
    figures: {
      ...figuresOf(answers),
      'flushed/s meanwhile': flushed / (measureMs / 1_000),
      ...memory,
    },
  }
}

function compare(
  rounds: readonly Round[],
  best: Yardsticks,
  { roles, changesPerRole }: RoleQueueOptions,
): readonly Row[] {
  const ratios = (of: (round: Round) => number) => {
    const all = rounds.map(of)
    return { ratio: median(all, (one) => one), lowest: Math.min(...all), highest: Math.max(...all) }
  }
  const usual = <T>(of: (round: Round) => T, by: (one: T) => number): T => median(rounds.map(of), by)
  const perSecond = (answers: Measured) => answers.perSecond
  const same = (one: number) => one
  return [
    {
      name: `(a) UPDATE each, ${best.inFlight} in flight`,
      figures: figuresOf(usual(({ updates }) => updates, perSecond)),
    },
    {
      name: `queue, ${roles} in flight`,
      figures: {
        ...figuresOf(usual(({ pushes }) => pushes, perSecond)),
        ...ratios(({ pushes, updates }) => pushes.perSecond / updates.perSecond),
      },
    },
    {
      name: `queue, ${roles * changesPerRole} in flight`,
      figures: {
        ...figuresOf(usual(({ coalesced }) => coalesced, perSecond)),
        ...ratios(({ coalesced, updates }) => coalesced.perSecond / updates.perSecond),
      },
    },
    {
      name: `(b) upserts, ${best.connections} connections`,
      figures: { 'rows flushed/s': usual(({ upsertsPerSecond }) => upsertsPerSecond, same) },
    },
    {
      name: `queue, backlog of ${roles}`,
      figures: {
        'rows flushed/s': usual(({ flushedPerSecond }) => flushedPerSecond, same),
        ...ratios(({ flushedPerSecond, upsertsPerSecond }) => flushedPerSecond / upsertsPerSecond),
      },
    },
  ]
}

const figuresOf = ({ perSecond, p50Ms, p99Ms, cpuMicrosEach }: Measured) => ({
  'acknowledged/s': perSecond,
  'CPU µs each': cpuMicrosEach,
  'p50 ms': p50Ms,
  'p99 ms': p99Ms,
})
