import { routes } from '@hydra/protocol'
import { createRealCluster, type Backends } from '@hydra/tools'
import type { LoadShape, LoadTarget } from '../load/closed-loop.ts'
import { measureLoad, type Duration, type LoadFigures } from '../load/measure-load.ts'
import { requestFrame } from '../load/player.ts'
import { openPlayers, portOf, unlimited } from '../load/players.ts'
import { median } from '../measure/median.ts'
import type { Report, Row } from '../measure/report.ts'
import { openSpanSink, type SpanSink } from './span-sink.ts'

/** What to run it on. */
export interface TracingOptions {
  readonly backends: Backends
  /** Of the nats-server behind `backends`. */
  readonly natsPid: number
  readonly shape: LoadShape
  /** What to compare with no tracing at all, by name. */
  readonly ratios: Readonly<Record<string, number>>
  /** So short that spans are sent while it is measured. */
  readonly batchDelayMs: number
  readonly duration: Duration
  /** How often it is measured; the table shows the round with the ratio in the middle. */
  readonly rounds: number
}

/** The cheapest request that a gate forwards, and one that changes the role and waits for its journal. */
const requests: Readonly<Record<string, LoadTarget['request']>> = {
  ping: (id) => requestFrame(routes.game.role.ping, { clientTimeMs: 12_345 }, id),
  change: (id) => requestFrame(routes.game.settings.set, { changes: { volume: id } }, id),
}

/** Shares of the traces that are sampled. The least is one in a hundred million: nothing but the deciding. */
export const allRatios: Readonly<Record<string, number>> = {
  'on, none sampled': 1e-8,
  '1 % sampled': 0.01,
  '100 % sampled': 1,
}

type Figures = Readonly<Record<string, LoadFigures & { readonly sentBytes: number }>>

/**
 * What tracing costs a request: CPU time of gate, nats-server and game together, against the same services without it,
 * measured before and after each of the others.
 */
export async function tracing(options: TracingOptions): Promise<Report> {
  const sink = await openSpanSink()
  try {
    const off = [await measured(options, sink, undefined)]
    const on = new Map<string, { readonly figures: Figures; readonly round: number }[]>()
    for (let round = 0; round < options.rounds; round++) {
      for (const [name, ratio] of Object.entries(options.ratios)) {
        const figures = await measured(options, sink, ratio)
        off.push(await measured(options, sink, undefined))
        on.set(name, [...(on.get(name) ?? []), { figures, round: off.length - 1 }])
      }
    }
    return {
      benchmark: 'tracing',
      rows: Object.keys(requests).flatMap((request) => rowsOf(request, off, on)),
    }
  } finally {
    await sink.close()
  }
}

function rowsOf(
  request: string,
  off: readonly Figures[],
  on: ReadonlyMap<string, readonly { readonly figures: Figures; readonly round: number }[]>,
): Row[] {
  const cpuOff = (round: number) => of(off[round], request).cpuTotal
  const plain = median(
    off.map((figures) => of(figures, request)),
    ({ cpuTotal }) => cpuTotal,
  )
  const noise = off.slice(1).map((_, index) => cpuOff(index + 1) / cpuOff(index))
  return [
    row(`${request}, off`, plain, { ratio: 1, lowest: Math.min(...noise), highest: Math.max(...noise) }),
    ...[...on].map(([name, rounds]) => {
      const compared = rounds.map(({ figures, round }) => {
        const one = of(figures, request)
        return { one, ratio: one.cpuTotal / ((cpuOff(round - 1) + cpuOff(round)) / 2) }
      })
      const all = compared.map(({ ratio }) => ratio)
      const usual = median(compared, ({ ratio }) => ratio)
      return row(`${request}, ${name}`, usual.one, {
        ratio: usual.ratio,
        lowest: Math.min(...all),
        highest: Math.max(...all),
      })
    }),
  ]
}

function of(figures: Figures | undefined, request: string): Figures[string] {
  const one = figures?.[request]
  if (one === undefined) throw new Error('A load was not measured.')
  return one
}

function row(name: string, figures: Figures[string], ratios: Readonly<Record<string, number>>): Row {
  const { cpuTotal, perSecond, p50Ms, p99Ms, requests: count, sentBytes } = figures
  return {
    name,
    figures: {
      'µs/request': cpuTotal,
      ...ratios,
      'requests/s': perSecond,
      'p50 ms': p50Ms,
      'p99 ms': p99Ms,
      'sent bytes/request': sentBytes / count,
      requests: count,
    },
  }
}

async function measured(
  { backends, natsPid, shape, batchDelayMs, duration }: TracingOptions,
  sink: SpanSink,
  ratio: number | undefined,
): Promise<Figures> {
  const cluster = await createRealCluster(backends, {
    ...unlimited,
    ...(ratio === undefined
      ? {}
      : {
          HYDRA_TRACING_ENDPOINT: sink.endpoint,
          HYDRA_TRACING_SAMPLE_RATIO: ratio.toFixed(8),
          HYDRA_TRACING_BATCH_DELAY_MS: String(batchDelayMs),
        }),
  })
  try {
    await cluster.start('chat')
    const game = await cluster.start('game')
    const gate = await cluster.start('gate')
    const pids = { gate: gate.pid, nats: natsPid, game: game.pid }
    const port = portOf(await gate.ready)
    const players = await openPlayers(cluster.mysqlUrl)
    try {
      const figures: Record<string, Figures[string]> = {}
      for (const [name, request] of Object.entries(requests)) {
        const before = sink.bytes()
        const one = await measureLoad({ port, prepare: players.enter, request }, shape, pids, duration)
        figures[name] = { ...one, sentBytes: sink.bytes() - before }
      }
      return figures
    } finally {
      await players.close()
    }
  } finally {
    await cluster.remove()
  }
}
