import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { exitCode } from '@hydra/runtime'
import { ClusterError } from './cluster-error.ts'
import type { ClusterFolder } from './cluster-folder.ts'
import { readClusterState, type ClusterState } from './cluster-state.ts'

const startTimeoutMs = 20_000
const lookEveryMs = 20

/**
 * Starts a supervisor that outlives this process, and waits until it can be asked.
 *
 * @param main the program, see `buildSupervisor`
 * @param root the workspace
 * @throws ClusterError when it ends at once, as it does while another one has the folder
 */
export async function startSupervisor(
  folder: ClusterFolder,
  main: string,
  root: string,
): Promise<ClusterState> {
  mkdirSync(folder.logsDir, { recursive: true })
  const log = openSync(folder.logFile('supervisor'), 'a')
  const child = spawn(process.execPath, ['--enable-source-maps', main, folder.dir], {
    // As for every command: what settings name by a relative path is found from the workspace.
    cwd: root,
    detached: true,
    windowsHide: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  let ended = false
  for (const event of ['exit', 'error']) child.once(event, () => (ended = true))
  child.unref()
  const deadline = performance.now() + startTimeoutMs
  while (performance.now() < deadline) {
    const state = await readClusterState(folder.dir)
    if (state !== undefined && state.supervisor.pid === child.pid) return state
    if (ended) break
    await sleep(lookEveryMs)
  }
  if (!ended) child.kill('SIGKILL')
  else if ((await readClusterState(folder.dir)) !== undefined) {
    throw new ClusterError('Another command has just started this cluster; see npx hydra status.')
  }
  const why = ended ? 'ended at once' : `did not come up within ${startTimeoutMs} ms`
  throw new ClusterError(
    `The supervisor ${why}; its log tells why: ${folder.logFile('supervisor')}`,
    exitCode.unavailable,
  )
}
