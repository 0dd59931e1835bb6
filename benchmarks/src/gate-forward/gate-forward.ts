import { routes } from '@hydra/protocol'
import { createRealCluster, type Backends } from '@hydra/tools'
import type { LoadShape, LoadTarget } from '../load/closed-loop.ts'
import { requestFrame } from '../load/player.ts'
import { openPlayers, portOf, unlimited } from '../load/players.ts'
import { measureLoad, type Duration, type LoadFigures } from '../load/measure-load.ts'
import { median } from '../measure/median.ts'
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
  /** How often it is measured; the table shows the round with the ratio in the middle. */
  readonly rounds: number
}

const ping = (id: number) => requestFrame(routes.game.role.ping, { clientTimeMs: 12_345 }, id)

/**
 * What a request costs that a gate forwards: gate, nats-server and game together, against a bare echo under the same
 * load. The request is `game.role.ping`: validated, taken through the role's mailbox, answered.
 */
export async function gateForward(options: GateForwardOptions): Promise<Report> {
  const { shapes, duration, rounds } = options
  const echo = () =>
    withServer(echoServer, async ({ port, pid }) => {
      const figures: LoadFigures[] = []
      for (const shape of shapes) {
        figures.push(await measureLoad({ port, request: ping }, shape, { echo: pid }, duration))
      }
      return figures
    })
  // The yardstick before and after each round: machines change their mind about their speed.
  const bare = [await echo()]
  const coalesced: LoadFigures[][] = []
  for (let round = 0; round < rounds; round++) {
    coalesced.push(await forwarded(options, {}))
    bare.push(await echo())
  }
  const single = await forwarded(options, { HYDRA_RPC_MAX_BATCH_BYTES: '1', HYDRA_RPC_MAX_GATHER_MS: '0' })
  const rows = shapes.flatMap((shape, index): Row[] => {
    const echoes = bare.map((figures) => measured(figures[index]))
    const yardstick = (first: number, last: number) =>
      (measured(echoes[first]).cpuTotal + measured(echoes[last]).cpuTotal) / 2
    const ours = coalesced.map((figures, round) => {
      const one = measured(figures[index])
      return { one, ratio: one.cpuTotal / yardstick(round, round + 1) }
    })
    const ratios = ours.map(({ ratio }) => ratio)
    const usual = median(ours, ({ ratio }) => ratio)
    const without = measured(single[index])
    const name = `${shape.connections} × ${shape.inFlight}`
    const last = echoes.length - 1
    return [
      row(
        `${name} bare echo`,
        median(echoes, ({ cpuTotal }) => cpuTotal),
        { ratio: 1 },
      ),
      row(`${name} gate + nats + game`, usual.one, {
        ratio: usual.ratio,
        lowest: Math.min(...ratios),
        highest: Math.max(...ratios),
      }),
      row(`${name} without coalescing`, without, { ratio: without.cpuTotal / yardstick(last, last) }),
    ]
  })
  return { benchmark: 'gate-forward', rows }
}

function measured<T>(figures: T | undefined): T {
  if (figures === undefined) throw new Error('A load was not measured.')
  return figures
}

function row(name: string, figures: LoadFigures, ratios: Readonly<Record<string, number>>): Row {
  const { cpu, cpuTotal, perSecond, p50Ms, p99Ms, requests } = figures
  const each = Object.fromEntries(Object.entries(cpu).map(([process, micros]) => [`${process} µs`, micros]))
  return {
    name,
    figures: {
      'µs/request': cpuTotal,
      ...ratios,
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
