import { routes } from '@hydra/protocol'
import { createRealCluster, type Backends } from '@hydra/tools'
import type { LoadShape, LoadTarget } from '../load/closed-loop.ts'
import { requestFrame } from '../load/player.ts'
import { openPlayers, portOf, unlimited } from '../load/players.ts'
import { measureLoad, type Duration, type LoadFigures } from '../load/measure-load.ts'
import type { Report, Row } from '../measure/report.ts'
import { withServer } from '../measure/with-server.ts'

/** The yardstick: it sends every message back, and does nothing else. */
export const echoServer = new URL('echo-server.ts', import.meta.url)

/** What to run it on. */
export interface GateForwardOptions {
  readonly backends: Backends
  /** Of the nats-server behind `backends`. */
  readonly natsPid: number
  readonly shapes: readonly LoadShape[]
  readonly duration: Duration
}

const ping = (id: number) => requestFrame(routes.game.role.ping, { clientTimeMs: 12_345 }, id)

/**
 * What a request costs that a gate forwards: gate, nats-server and game together, against a bare echo under the same
 * load. The request is `game.role.ping`: validated, taken through the role's mailbox, answered.
 */
export async function gateForward(options: GateForwardOptions): Promise<Report> {
  const { shapes, duration } = options
  const echo = () =>
    withServer(echoServer, async ({ port, pid }) => {
      const figures: LoadFigures[] = []
      for (const shape of shapes) {
        figures.push(await measureLoad({ port, request: ping }, shape, { echo: pid }, duration))
      }
      return figures
    })
  // The yardstick before and after: machines change their mind about their speed.
  const before = await echo()
  const coalesced = await forwarded(options, {})
  const single = await forwarded(options, { HYDRA_RPC_MAX_BATCH_BYTES: '1' })
  const after = await echo()
  const rows = shapes.flatMap((shape, index): Row[] => {
    const bare = [before[index], after[index]].map((figures) => figures?.cpuTotal ?? 0)
    const yardstick = bare.reduce((sum, micros) => sum + micros, 0) / bare.length
    const name = `${shape.connections} × ${shape.inFlight}`
    return [
      row(`${name} bare echo, before`, before[index], yardstick),
      row(`${name} bare echo, after`, after[index], yardstick),
      row(`${name} gate + nats + game`, coalesced[index], yardstick),
      row(`${name} without coalescing`, single[index], yardstick),
    ]
  })
  return { benchmark: 'gate-forward', rows }
}

function row(name: string, figures: LoadFigures | undefined, yardstick: number): Row {
  if (figures === undefined) throw new Error(`${name} was not measured.`)
  const { cpu, cpuTotal, perSecond, p50Ms, p99Ms, requests } = figures
  const each = Object.fromEntries(Object.entries(cpu).map(([process, micros]) => [`${process} µs`, micros]))
  return {
    name,
    figures: {
      'µs/request': cpuTotal,
      ratio: cpuTotal / yardstick,
      'requests/s': perSecond,
      'p50 ms': p50Ms,
      'p99 ms': p99Ms,
      ...(Object.keys(each).length > 1 ? each : {}),
      requests,
    },
  }
}

async function forwarded(
  { backends, natsPid, shapes, duration }: GateForwardOptions,
  settings: Readonly<Record<string, string>>,
): Promise<LoadFigures[]> {
  const cluster = await createRealCluster(backends, {
    ...unlimited,
    ...settings,
  })
  try {
    await cluster.start('chat')
    const game = await cluster.start('game')
    const gate = await cluster.start('gate')
    const pids = { gate: gate.pid, nats: natsPid, game: game.pid }
    const port = portOf(await gate.ready)
    const players = await openPlayers(cluster.mysqlUrl)
    try {
      const figures: LoadFigures[] = []
      for (const shape of shapes) {
        const target: LoadTarget = { port, prepare: players.enter, request: ping }
        figures.push(await measureLoad(target, shape, pids, duration))
      }
      return figures
    } finally {
      await players.close()
    }
  } finally {
    await cluster.remove()
  }
}
