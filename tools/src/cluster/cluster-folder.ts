import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Where a local cluster keeps everything, seen from the workspace, in which every command runs. */
export const defaultClusterDir = join('.hydra', 'cluster')

/** The folder of a local cluster: two clusters never share one. */
export interface ClusterFolder {
  /** Absolute. */
  readonly dir: string
  /** What runs, see `ClusterState`; there is none while nothing runs. */
  readonly stateFile: string
  /** Data of the servers; stays when the cluster stops. */
  readonly dataDir: string
  readonly logsDir: string
  /** What is run: one folder for each service, and the supervisor. */
  readonly bundlesDir: string
  /** Letters and digits that tell this cluster from those of other checkouts on the same servers. */
  readonly mark: string
  /** @example logFile('gate-1') */
  logFile(name: string): string
}

/** @example clusterFolder('.hydra/cluster').logFile('gate-1') // '/home/me/hydra/.hydra/cluster/logs/gate-1.log' */
export function clusterFolder(path: string = defaultClusterDir): ClusterFolder {
  const dir = resolve(path)
  const logsDir = join(dir, 'logs')
  return {
    dir,
    stateFile: join(dir, 'state.json'),
    dataDir: join(dir, 'data'),
    logsDir,
    bundlesDir: join(dir, 'bundles'),
    mark: createHash('sha256').update(realPath(dir)).digest('hex').slice(0, 8),
    logFile: (name) => join(logsDir, `${name}.log`),
  }
}

function realPath(dir: string): string {
  try {
    return realpathSync(dir)
  } catch {
    // Not made yet.
    return dir
  }
}
