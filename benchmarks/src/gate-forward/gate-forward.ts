import { openDatabaseDrivers, storageConfigSchema } from '@hydra/persistence'
import { routes } from '@hydra/protocol'
import { createIds, createMetrics, createSessionTokens, silentLogger, systemClock } from '@hydra/runtime'
import { createRealCluster, type Backends } from '@hydra/tools'
import type { LoadShape, LoadTarget } from '../load/closed-loop.ts'
import { measureLoad, type Duration, type LoadFigures } from '../load/measure-load.ts'
import type { Report, Row } from '../measure/report.ts'
import { withEcho } from './echo.ts'
import { enterAsPlayer, requestFrame } from './player.ts'

/** What to run it on. */
export interface GateForwardOptions {
  readonly backends: Backends
  /** Of the nats-server behind `backends`. */
  readonly natsPid: number
  readonly shapes: readonly LoadShape[]
  readonly duration: Duration
}

const secret = 'benchmark-secret-that-is-used-nowhere-else'
const ping = (id: number) => requestFrame(routes.game.role.ping, { clientTimeMs: 12_345 }, id)

/**
 * What a request costs that a gate forwards: gate, nats-server and game together, against a bare echo under the same
 * load. The request is `game.role.ping`: validated, taken through the role's mailbox, answered.
 */
export async function gateForward(options: GateForwardOptions): Promise<Report> {
  const { shapes, duration } = options
  const echo = () =>
    withEcho(async ({ port, pid }) => {
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
    HYDRA_TOKEN_SECRETS: secret,
    HYDRA_LIMITS_RATE_PER_SECOND: '1000000',
    HYDRA_LIMITS_RATE_BURST: '1000000',
    HYDRA_LIMITS_MAX_CONNECTIONS_PER_IP: '10000',
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

function portOf({ gate }: Readonly<Record<string, unknown>>): number {
  if (typeof gate === 'object' && gate !== null && 'port' in gate) return Number(gate.port)
  throw new Error('The gate did not say where it listens.')
}

/** Makes accounts and tokens itself: hashing the passwords of hundreds of players is not what is measured. */
async function openPlayers(mysqlUrl: string) {
  const ids = createIds(systemClock)
  const deps = {
    clock: systemClock,
    ids,
    log: silentLogger,
    metrics: createMetrics({ service: 'benchmark' }),
    random: Math.random,
  }
  const storage = await openDatabaseDrivers(storageConfigSchema.parse({ mysqlUrl }), deps)
  const tokens = createSessionTokens({ secrets: [secret], ttlSeconds: 3_600, clock: systemClock })
  let count = 0
  const enter: NonNullable<LoadTarget['prepare']> = async (connection) => {
    const name = `player${count++}`
    const uid = ids.next()
    await storage.accounts.create({ uid, username: name, passwordHash: 'none', createdAtMs: 0 })
    const { token } = await tokens.sign(uid)
    await enterAsPlayer(connection, token, name)
  }
  return { enter, close: () => storage.close() }
}
