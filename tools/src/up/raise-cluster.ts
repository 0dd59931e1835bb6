import { services } from '@hydra/protocol'
import { exitCode } from '@hydra/runtime'
import { serverKinds, type Environment } from '@hydra/testing'
import { buildPrograms, buildSupervisor } from '../cluster/bundles.ts'
import { ClusterError } from '../cluster/cluster-error.ts'
import { clusterFolder, type ClusterFolder } from '../cluster/cluster-folder.ts'
import { readClusterState, type ClusterState } from '../cluster/cluster-state.ts'
import { askState, command } from '../cluster/control-client.ts'
import { sharedValue } from '../cluster/decided-settings.ts'
import { findCluster } from '../cluster/find-cluster.ts'
import {
  givenServers,
  provideServers,
  refusePlainServers,
  type GivenServers,
} from '../cluster/given-servers.ts'
import type { UpRequest } from '../cluster/messages.ts'
import { readServiceSettings } from '../cluster/service-settings.ts'
import { settingsOf } from '../cluster/settings.ts'
import { startSupervisor } from '../cluster/start-supervisor.ts'
import { planCluster } from '../cluster/supervisor/plan.ts'
import { sweepCluster } from '../cluster/sweep.ts'
import { countsText, usageCode, wantedCounts, type Counts } from '../cluster/wanted.ts'
import { tellEndOfLog } from '../logs/end-of-log.ts'
import { serverTitles } from '../test/backends.ts'
import { thisMachine } from '../test/machine.ts'

/** What `up` works with. */
export interface RaiseOptions {
  readonly options: Readonly<Record<string, string | undefined>>
  readonly env: Environment
  /** The workspace. */
  readonly root: string
  readonly print: (text: string) => void
}

/** Starts, mends or scales the local cluster. @throws ClusterError; HydraError `CONFIG_INVALID` */
export async function raiseCluster({ options, env, root, print }: RaiseOptions): Promise<number> {
  const begin = performance.now()
  const folder = clusterFolder(options['dir'])
  const readyTimeoutMs = secondsOf(options['timeout'] ?? '60') * 1_000
  const running = await runningCluster(folder, print)
  const wanted = wantedCounts(options, running?.wanted)
  const { tlsServers, ...settings } = readServiceSettings(root, env)
  const given = running === undefined ? givenServers(options, env) : givenTo(running, options)
  if (running === undefined) refusePlainServers(given, tlsServers)
  await provideServers(running === undefined ? given : {}, thisMachine(env), print)

  const { start } = planCluster(wanted, running?.services ?? [])
  const starting = services.filter((service) => start.some((each) => each.service === service))
  if (starting.length > 0) print(`building ${starting.join(', ')} …`)
  const [programs, supervisorMain] = await Promise.all([
    buildPrograms(folder, starting, root),
    running === undefined ? buildSupervisor(folder, root) : undefined,
  ])
  const state = supervisorMain === undefined ? running : await startSupervisor(folder, supervisorMain, root)
  if (state === undefined) throw new ClusterError('The cluster is gone.')
  const clusterEnv = sharedValue(env, ['cluster', 'env']) ?? `local-${folder.mark}`
  const request: UpRequest = {
    wanted,
    env: running?.env ?? clusterEnv,
    keyPrefix: running?.keyPrefix ?? sharedValue(env, ['storage', 'keyPrefix']) ?? `hydra:${clusterEnv}:`,
    given,
    // On a server that others use too the name has to be one of its own.
    database: given.mysql === undefined ? 'hydra' : `hydra_${folder.mark}`,
    makesDatabase: !tlsServers.includes('mysql'),
    settings: settingsOf(env),
    ...settings,
    programs,
    readyTimeoutMs,
  }
  try {
    await command(state.supervisor, 'up', request, (text) => print(`  ${text}`))
  } catch (error) {
    await tellEndOfLog(folder, error, print)
    throw error
  }
  const now = await readClusterState(folder.dir)
  if (now === undefined) throw new ClusterError('The cluster is gone again.')
  print(summary(now, wanted, performance.now() - begin))
  return exitCode.stopped
}

/** The cluster of this folder as it is now; what a supervisor that is gone has left is cleaned up first. */
async function runningCluster(
  folder: ClusterFolder,
  print: (text: string) => void,
): Promise<ClusterState | undefined> {
  const found = await findCluster(folder.dir)
  if (found === undefined) return undefined
  if (found.supervised) return askState(found.state.supervisor)
  print(`The supervisor of the former cluster is gone (process ${found.state.supervisor.pid}); cleaning up.`)
  await sweepCluster(folder, found.state, (text) => print(`  ${text}`))
  return undefined
}

/** A running cluster keeps its servers. */
function givenTo(running: ClusterState, options: RaiseOptions['options']): GivenServers {
  const named = serverKinds.find((kind) => options[`${kind}-url`] !== undefined)
  if (named !== undefined) {
    throw new ClusterError(
      `The cluster runs already; it takes --${named}-url when it starts: npx hydra down`,
      usageCode,
    )
  }
  const started = new Set(running.backends.map(({ name }) => name))
  const urls = {
    mysql: running.mysqlUrl,
    redis: running.redisUrl,
    nats: running.natsUrl,
    etcd: running.etcdUrl,
  }
  return Object.fromEntries(
    serverKinds.flatMap((kind) =>
      started.has(kind) || urls[kind] === undefined ? [] : [[kind, urls[kind]]],
    ),
  )
}

function secondsOf(text: string): number {
  const seconds = Number(text)
  if (seconds >= 1 && seconds <= 3_600) return seconds
  throw new ClusterError(`--timeout is "${text}"; expected a number of seconds from 1 to 3600.`, usageCode)
}

function summary(state: ClusterState, wanted: Counts, tookMs: number): string {
  const started = new Set(state.backends.map(({ name }) => name))
  const servers = serverKinds.map((kind) => `${serverTitles[kind]}${started.has(kind) ? '' : ' (given)'}`)
  const { httpUrl, gateUrls } = state
  return `
Hydra: ${countsText(wanted)}, on ${servers.join(', ')}
  http      ${httpUrl ?? 'none'}
  gates     ${gateUrls.join(', ') || 'none'}
  database  ${withoutPassword(state.mysqlUrl)}
ready in ${(tookMs / 1_000).toFixed(1)} s

What to try next
  npx hydra status             how it is; logs --follow shows what it says
  npx hydra bots 50            players by script
  npx hydra repl               a client to type into
  npx hydra up --game 3        more or fewer of a service; restart game takes up changed sources
  npx hydra down               stops everything; the data stays`
}

function withoutPassword(text: string | undefined): string {
  if (text === undefined) return 'none'
  const url = new URL(text)
  url.password = ''
  return url.href
}
