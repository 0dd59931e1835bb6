import { rm } from 'node:fs/promises'
import { exitCode } from '@hydra/runtime'
import { serverKinds } from '@hydra/testing'
import { clusterFolder, type ClusterFolder } from '../cluster/cluster-folder.ts'
import type { ClusterState } from '../cluster/cluster-state.ts'
import { askState, command, CommandFailed } from '../cluster/control-client.ts'
import { findCluster } from '../cluster/find-cluster.ts'
import { killSupervisor, sweepCluster, verifyGone } from '../cluster/sweep.ts'
import { serverTitles } from '../test/backends.ts'

/** What `down` works with. */
export interface LowerOptions {
  readonly dir: string | undefined
  /** Whether to remove what the cluster has stored. */
  readonly removeData: boolean
  readonly print: (text: string) => void
}

/** Stops the local cluster and proves that nothing of it is left. @throws ClusterError */
export async function lowerCluster({ dir, removeData, print }: LowerOptions): Promise<number> {
  const folder = clusterFolder(dir)
  const found = await findCluster(folder.dir)
  let unsaved: CommandFailed | undefined
  if (found === undefined) print('No cluster runs here.')
  else {
    const say = (text: string): void => print(`  ${text}`)
    const last = found.supervised ? await latestState(found.state) : undefined
    if (last === undefined) await sweepUnsupervised(folder, found.state, say)
    else unsaved = await stop(last, say)
    const { processes, ports } = await verifyGone(last ?? found.state)
    print(`Looked at ${processes} processes and ${ports} ports: none is left.`)
  }
  if (removeData) {
    await rm(folder.dataDir, { recursive: true, force: true })
    print(`Removed ${folder.dataDir}.${found === undefined ? '' : whatStays(found.state)}`)
  }
  if (unsaved !== undefined) throw unsaved
  return exitCode.stopped
}

/** As the supervisor knows it; `undefined` when that runs and does not answer. */
async function latestState({ supervisor }: ClusterState): Promise<ClusterState | undefined> {
  try {
    return await askState(supervisor, supervisorTimeoutMs)
  } catch {
    return undefined
  }
}

const supervisorTimeoutMs = 10_000

/** @returns what was not stopped in good order, although it has ended */
async function stop(
  { supervisor }: ClusterState,
  say: (text: string) => void,
): Promise<CommandFailed | undefined> {
  try {
    await command(supervisor, 'stop', {}, say)
    return undefined
  } catch (error) {
    if (error instanceof CommandFailed) return error
    throw error
  }
}

async function sweepUnsupervised(
  folder: ClusterFolder,
  state: ClusterState,
  say: (text: string) => void,
): Promise<void> {
  say(`the supervisor (process ${state.supervisor.pid}) is gone or does not answer; cleaning up after it`)
  await killSupervisor(state)
  await sweepCluster(folder, state, say)
}

function whatStays({ backends }: ClusterState): string {
  const started = new Set(backends.map(({ name }) => name))
  const given = serverKinds.filter((kind) => (kind === 'mysql' || kind === 'redis') && !started.has(kind))
  if (given.length === 0) return ''
  return ` What is on the given ${given.map((kind) => serverTitles[kind]).join(' and ')} stays there.`
}
