import { rest, villager, BotCrowd, type Behaviour } from '@hydra/bots'
import { services } from '@hydra/protocol'
import { systemClock } from '@hydra/runtime'
import { eventually, startServers } from '@hydra/testing'
import { createRealCluster } from '@hydra/tools'
import mysql from 'mysql2/promise'
import { openPlayers, unlimited } from '../load/players.ts'
import { cpuMicros } from '../measure/cpu-time.ts'
import { residentBytes } from '../measure/memory.ts'
import type { Report } from '../measure/report.ts'

/** What is played. */
export interface SizingOptions {
  /** `resting`: players who are there and do nothing. `villagers`: players who fight, trade, talk and walk all the time. */
  readonly crowd: 'resting' | 'villagers'
  readonly players: number
  /** How long memory may settle before it is read. */
  readonly settleMs: number
  readonly measureMs: number
}

const scripts: Readonly<Record<SizingOptions['crowd'], Behaviour>> = {
  resting: rest(60_000, 120_000),
  villagers: villager(),
}

/**
 * What one player costs each process of a cluster with one of each service, on servers of its own: memory that it adds,
 * and CPU time while it plays.
 */
export async function sizing({ crowd, players, settleMs, measureMs }: SizingOptions): Promise<Report> {
  const servers = await startServers({ which: ['mysql', 'redis', 'nats', 'etcd'], productionSizes: true })
  const urls = { mysqlUrl: servers.mysql.url, redisUrl: servers.redis.url }
  const backends = { ...urls, natsUrl: servers.nats.url, etcdUrl: servers.etcd.url }
  const cluster = await createRealCluster(backends, unlimited)
  try {
    const started = await Promise.all(services.map((service) => cluster.start(service)))
    const pids = new Map([
      ...started.map(({ service, pid }) => [service, pid] as const),
      ...(['nats', 'redis', 'mysql', 'etcd'] as const).map((kind) => [kind, servers[kind].pid ?? 0] as const),
      ['load generator', process.pid] as const,
    ])
    const read = (what: (pid: number) => number) =>
      new Map([...pids].map(([name, pid]) => [name, what(pid)] as const))
    const accounts = await openPlayers(cluster.mysqlUrl)
    const crowdOf = (prefix: string, bots: number) =>
      new BotCrowd({
        httpUrl: cluster.httpUrl,
        bots,
        perSecond: 200,
        seed: 1,
        clock: systemClock,
        script: scripts[crowd],
        nameOf: (index) => `${prefix}${index}`,
        each: () => ({ token: async () => (await accounts.account()).token }),
      })
    // The first ones bring code and pools with them that the others share.
    const crowds = [crowdOf('early', Math.ceil(players / 10)), crowdOf('late', players)]
    const memory: ReadonlyMap<string, number>[] = []
    for (const each of crowds) {
      await each.start()
      await eventually(() => each.progress.playing >= each.progress.bots * 0.95, { timeoutMs: 120_000 })
      await new Promise((resolve) => setTimeout(resolve, settleMs))
      memory.push(read(residentBytes))
    }
    const [first, second] = memory
    const all = players + Math.ceil(players / 10)
    const asked = () => crowds.reduce((sum, each) => sum + each.stats().figures().requests, 0)
    const [cpu, requests, questions, sinceMs] = [
      read(cpuMicros),
      asked(),
      await questionsOf(servers.mysql.url),
      performance.now(),
    ]
    await new Promise((resolve) => setTimeout(resolve, measureMs))
    const seconds = (performance.now() - sinceMs) / 1_000
    const requestsEach = (asked() - requests) / seconds / all
    const statements = ((await questionsOf(servers.mysql.url)) - questions) / seconds
    const cpuAfter = read(cpuMicros)
    const rows = [...pids.keys()].map((name) => ({
      name: `${all} ${crowd}: ${name}`,
      figures: {
        MiB: (second?.get(name) ?? 0) / 1_048_576,
        // What few players add is less than what a process takes for its own use meanwhile.
        ...(crowd === 'resting'
          ? { 'KiB/player': ((second?.get(name) ?? 0) - (first?.get(name) ?? 0)) / players / 1_024 }
          : {}),
        'CPU ms/player/s': ((cpuAfter.get(name) ?? 0) - (cpu.get(name) ?? 0)) / 1_000 / seconds / all,
        ...(name === 'gate' ? { 'requests/player/s': requestsEach } : {}),
        ...(name === 'mysql' ? { 'statements/s': statements } : {}),
      },
    }))
    await Promise.all(crowds.map((each) => each.stop()))
    await accounts.close()
    return { benchmark: 'sizing', rows }
  } finally {
    await cluster.remove()
    await servers.close()
  }
}

/** Statements that MySQL was sent so far. */
async function questionsOf(url: string): Promise<number> {
  const connection = await mysql.createConnection(url)
  try {
    const [rows] = await connection.query<mysql.RowDataPacket[]>("show global status like 'Questions'")
    return Number(rows[0]?.['Value'])
  } finally {
    await connection.end()
  }
}
