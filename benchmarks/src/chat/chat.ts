import { routes } from '@hydra/protocol'
import { createRealCluster, type Backends, type RealCluster } from '@hydra/tools'
import { measureLoad, type Duration, type LoadFigures } from '../load/measure-load.ts'
import type { LoadShape } from '../load/closed-loop.ts'
import { ask, requestFrame } from '../load/player.ts'
import { openPlayers, portOf, unlimited } from '../load/players.ts'
import { cpuMicros } from '../measure/cpu-time.ts'
import type { Report, Row } from '../measure/report.ts'
import { Crowd } from './crowd.ts'

/** What to run it on. */
export interface ChatOptions {
  readonly backends: Backends
  /** Of the nats-server behind `backends`. */
  readonly natsPid: number
  readonly listeners: number
  readonly gates: number
  readonly chats: number
  /** How many speak at the same time, in one row each. */
  readonly speakers: readonly number[]
  /** Of the load on history and rosters. */
  readonly shape: LoadShape
  readonly members: number
  readonly duration: Duration
}

/** A cluster of real processes, and where it is. */
interface Stage {
  readonly cluster: RealCluster
  readonly ports: readonly number[]
  readonly pids: Readonly<Record<string, number>>
  readonly players: Awaited<ReturnType<typeof openPlayers>>
}

/**
 * What chat takes and delivers: the world channel with many listeners on several gates and chat servers, pages of
 * history, and rosters of an alliance. CPU is that of gates, nats-server, chat and game together; Redis and the load
 * itself share the machine.
 */
export async function chat(options: ChatOptions): Promise<Report> {
  const stage = await openStage(options)
  try {
    const rows: Row[] = await world(stage, options)
    const { shape, duration } = options
    const [port = 0] = stage.ports
    const history = (id: number) => requestFrame(routes.chat.channel.history, { channel: 'world' }, id)
    const read = await measureLoad(
      { port, request: history, prepare: stage.players.enter },
      shape,
      stage.pids,
      duration,
    )
    rows.push(loadRow('history pages of 20', read))
    rows.push(await rosters(stage, options))
    return { benchmark: 'chat', rows }
  } finally {
    await stage.players.close()
    await stage.cluster.remove()
  }
}

async function openStage({ backends, natsPid, gates, chats, members }: ChatOptions): Promise<Stage> {
  const cluster = await createRealCluster(backends, {
    ...unlimited,
    HYDRA_CHAT_ALLIANCE_PRICE: '0',
    HYDRA_CHAT_ALLIANCE_CAPACITIES: String(members),
    // The listeners only listen.
    HYDRA_GATE_GATE_HEARTBEAT_SECONDS: '3600',
  })
  try {
    const pids: Record<string, number> = { nats: natsPid, game: (await cluster.start('game')).pid }
    const ports: number[] = []
    for (let index = 1; index <= chats; index++) pids[`chat ${index}`] = (await cluster.start('chat')).pid
    for (let index = 1; index <= gates; index++) {
      const gate = await cluster.start('gate', { HYDRA_GATE_GATE_PORT: '0' })
      pids[`gate ${index}`] = gate.pid
      ports.push(portOf(await gate.ready))
    }
    return { cluster, ports, pids, players: await openPlayers(cluster.mysqlUrl) }
  } catch (error) {
    await cluster.remove()
    throw error
  }
}

async function world({ ports, pids, players }: Stage, options: ChatOptions): Promise<Row[]> {
  const { listeners, speakers, duration } = options
  const crowd = await Crowd.open({ ports, prepare: players.enter }, listeners)
  const rows: Row[] = []
  try {
    for (const count of speakers) {
      crowd.start(count)
      await crowd.measure(duration.warmUpMs)
      const before = readCpu(pids)
      const { messages, deliveries, seconds, latenciesMs } = await crowd.measure(duration.measureMs)
      const after = readCpu(pids)
      crowd.stop()
      // What is under way comes to its end, or it would be counted with the next row.
      await crowd.measure(500)
      const quantile = (share: number) => latenciesMs[Math.floor(latenciesMs.length * share)] ?? 0
      rows.push({
        name: `world, ${listeners} listeners, ${count} speaking`,
        figures: {
          'accepted/s': messages / seconds,
          'deliveries/s': deliveries / seconds,
          'µs/delivery': (after - before) / deliveries,
          'p50 ms': quantile(0.5),
          'p99 ms': quantile(0.99),
        },
      })
    }
  } finally {
    crowd.close()
  }
  return rows
}

/** Each of the load's connections asks for the roster of one alliance, in which all the members are. */
async function rosters(
  { ports, pids, players }: Stage,
  { members, shape, duration }: ChatOptions,
): Promise<Row> {
  const [port = 0] = ports
  let allianceId = ''
  const founder = await Crowd.open(
    {
      ports: [port],
      async prepare(connection, index) {
        await players.enter(connection, index)
        const founding = { name: 'Benchmarkers', tag: 'BM', policy: 'open' } as const
        allianceId = (await ask(connection, routes.chat.alliance.create, founding)).alliance.allianceId
      },
    },
    1,
  )
  const others = await Crowd.open(
    {
      ports: [port],
      async prepare(connection, index) {
        await players.enter(connection, index)
        await ask(connection, routes.chat.alliance.apply, { allianceId })
      },
    },
    members - 1,
  )
  try {
    const request = (id: number) => requestFrame(routes.chat.alliance.members, { allianceId }, id)
    const figures = await measureLoad({ port, request, prepare: players.enter }, shape, pids, duration)
    return loadRow(`rosters of ${members}`, figures)
  } finally {
    founder.close()
    others.close()
  }
}

const readCpu = (pids: Readonly<Record<string, number>>): number =>
  Object.values(pids).reduce((sum, pid) => sum + cpuMicros(pid), 0)

const loadRow = (name: string, { perSecond, cpuTotal, p50Ms, p99Ms }: LoadFigures): Row => ({
  name,
  figures: { 'requests/s': perSecond, 'µs/request': cpuTotal, 'p50 ms': p50Ms, 'p99 ms': p99Ms },
})
