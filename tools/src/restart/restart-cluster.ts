import { services } from '@hydra/protocol'
import { exitCode } from '@hydra/runtime'
import type { Environment } from '@hydra/testing'
import { buildPrograms } from '../cluster/bundles.ts'
import { ClusterError } from '../cluster/cluster-error.ts'
import { clusterFolder } from '../cluster/cluster-folder.ts'
import type { ServiceState } from '../cluster/cluster-state.ts'
import { askState, command } from '../cluster/control-client.ts'
import { findCluster } from '../cluster/find-cluster.ts'
import { inRestartOrder } from '../cluster/messages.ts'
import { readServiceSettings } from '../cluster/service-settings.ts'
import { settingsOf } from '../cluster/settings.ts'
import { noClusterRuns } from '../cluster/wanted.ts'
import { tellEndOfLog } from '../logs/end-of-log.ts'
import { inTurn } from './in-turn.ts'
import { watchRegistry } from './watch-registry.ts'

/** What `restart` works with. */
export interface RestartOptions {
  readonly dir: string | undefined
  /** Names of processes and services; all when empty. */
  readonly words: readonly string[]
  /** Whether the sources are built first. */
  readonly build: boolean
  readonly env: Environment
  /** The workspace. */
  readonly root: string
  readonly print: (text: string) => void
  /** Pause after a game server on which somebody plays; five seconds when absent. */
  readonly settleMs?: number
}

const settleMs = 5_000

/** Restarts processes of the local cluster one after the other. @throws ClusterError; HydraError `CONFIG_INVALID` */
export async function restartCluster(options: RestartOptions): Promise<number> {
  const { dir, words, build, env, root, print } = options
  const folder = clusterFolder(dir)
  const found = await findCluster(folder.dir)
  if (found === undefined || !found.supervised) throw noClusterRuns()
  const state = await askState(found.state.supervisor)
  const chosen = inRestartOrder(meant(words, state.services))
  // A mistake in the configuration is told before anything stops.
  const { tls } = readServiceSettings(root, env)
  const building = services.filter((service) => chosen.some((each) => each.service === service))
  if (build) print(`building ${building.join(', ')} …`)
  const programs = build ? await buildPrograms(folder, building, root) : {}
  const names = [...new Set(chosen.map(({ name }) => name))]
  const registry = await watchRegistry(state, root, env)
  try {
    const request = { programs, settings: settingsOf(env), tls }
    await inTurn({
      places: names.flatMap((name) => chosen.find((each) => each.name === name) ?? []),
      registry,
      settleMs: options.settleMs ?? settleMs,
      print,
      restart: ({ name }) =>
        command(state.supervisor, 'restart', { ...request, name }, (text) => print(`  ${text}`)),
    })
  } catch (error) {
    await tellEndOfLog(folder, error, print)
    throw error
  } finally {
    await registry.close()
  }
  print(`${names.join(', ')}: restarted and ready.`)
  return exitCode.stopped
}

/** @throws ClusterError for a word that means no process */
function meant(words: readonly string[], processes: readonly ServiceState[]): readonly ServiceState[] {
  const isMeant = ({ name, service }: ServiceState, word: string): boolean =>
    name === word || service === word
  const unknown = words.filter((word) => !processes.some((each) => isMeant(each, word)))
  if (unknown.length > 0) {
    const names = processes.map(({ name }) => name).join(', ')
    throw new ClusterError(`There is no ${unknown.join(', ')}. There are: ${names}.`)
  }
  return words.length === 0
    ? processes
    : processes.filter((each) => words.some((word) => isMeant(each, word)))
}
