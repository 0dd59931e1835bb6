import { readClusterState, type ClusterState } from './cluster-state.ts'
import { isRunning } from './process-mark.ts'

/** A cluster whose supervisor runs, or what one that is gone has left behind. */
export interface FoundCluster {
  readonly state: ClusterState
  /** Whether its supervisor runs. */
  readonly supervised: boolean
}

/**
 * Looks for the local cluster of a folder.
 *
 * @returns `undefined` when none was started, or it was stopped in good order
 * @throws ClusterError when its state cannot be understood
 */
export async function findCluster(dir?: string): Promise<FoundCluster | undefined> {
  const state = await readClusterState(dir)
  if (state === undefined) return undefined
  return { state, supervised: await isRunning(state.supervisor) }
}

/**
 * The local cluster of a folder, if it runs: for commands whose defaults are its addresses.
 *
 * @param dir `.hydra/cluster` when absent
 * @throws ClusterError when its state cannot be understood
 * @example const httpUrl = (await findRunningCluster())?.httpUrl ?? 'http://127.0.0.1:9001'
 */
export async function findRunningCluster(dir?: string): Promise<ClusterState | undefined> {
  const found = await findCluster(dir)
  return found?.supervised === true && found.state.phase === 'running' ? found.state : undefined
}
