import { setTimeout as sleep } from 'node:timers/promises'
import { isPortFree } from '@hydra/testing'
import { ClusterError } from './cluster-error.ts'
import type { ClusterFolder } from './cluster-folder.ts'
import { removeClusterState, type ClusterState } from './cluster-state.ts'
import { isRunning, type NotedProcess } from './process-mark.ts'

const lookEveryMs = 50
/** Services stop by themselves when their supervisor is gone; so long after what they may take they are killed. */
const serviceMarginMs = 5_000
const backendTimeoutMs = 10_000
const killTimeoutMs = 3_000
const portTimeoutMs = 2_000

/** A process of a cluster, by name. */
type Named = NotedProcess & { readonly name: string }

/**
 * Ends what a supervisor that is gone has left: first the services, which save what they have, then the servers, which
 * they need for it. Goes by the state that the supervisor has written, and touches no process that only has the number
 * of one.
 *
 * @throws ClusterError when something cannot be ended
 */
export async function sweepCluster(
  folder: ClusterFolder,
  state: ClusterState,
  say: (text: string) => void,
): Promise<void> {
  const services = await runningOf(state.services)
  if (services.length > 0) say(`waiting for ${namesOf(services)} to save and stop`)
  // Their channel to the supervisor is closed, on which they stop; a signal would have them stop saving. One that is
  // frozen has not noticed yet.
  await endAll(services, 'SIGCONT', state.stopTimeoutMs + serviceMarginMs)
  const backends = await runningOf(state.backends)
  if (backends.length > 0) say(`stopping ${namesOf(backends)}`)
  await endAll(backends, 'SIGTERM', backendTimeoutMs)
  await removeClusterState(folder, state.supervisor.token)
}

/**
 * Proves that nothing of a cluster is left.
 *
 * @throws ClusterError naming the processes that run and the ports on which something listens
 */
export async function verifyGone(state: ClusterState): Promise<{ processes: number; ports: number }> {
  const noted = [...state.services, ...state.backends]
  const guard = state.guard === undefined ? [] : [{ ...state.guard, name: 'guard' }]
  const all = [...noted, { ...state.supervisor, name: 'supervisor' }, ...guard]
  const left = await untilNone(all, portTimeoutMs)
  if (left.length > 0) {
    const list = left.map(({ name, pid }) => `${name} (process ${pid})`).join(', ')
    throw new ClusterError(`Still running: ${list}.`)
  }
  const ports = [
    // Of one that had ended before, somebody else may have them by now.
    ...new Set([
      ...noted.flatMap(({ stage, ports }) => (stage === 'exited' ? [] : ports)),
      Number(new URL(state.supervisor.url).port),
    ]),
  ]
  const free = await Promise.all(ports.map(isPortFree))
  const taken = ports.filter((_, index) => free[index] === false)
  if (taken.length > 0) throw new ClusterError(`Something listens on ${taken.join(', ')}.`)
  return { processes: all.length, ports: ports.length }
}

/** Ends a supervisor that does not answer; what it has started is swept afterwards. */
export async function killSupervisor({ supervisor }: ClusterState): Promise<void> {
  await endAll([{ ...supervisor, name: 'supervisor' }], 'SIGKILL', killTimeoutMs)
}

async function endAll(
  processes: readonly Named[],
  signal: 'SIGCONT' | 'SIGTERM' | 'SIGKILL',
  timeoutMs: number,
): Promise<void> {
  for (const each of await runningOf(processes)) send(each, signal)
  const stubborn = await untilNone(processes, timeoutMs)
  for (const each of stubborn) send(each, 'SIGKILL')
  const left = await untilNone(stubborn, killTimeoutMs)
  if (left.length > 0) throw new ClusterError(`Could not be ended: ${namesOf(left)}.`)
}

async function untilNone(processes: readonly Named[], timeoutMs: number): Promise<readonly Named[]> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const left = await runningOf(processes)
    if (left.length === 0 || performance.now() > deadline) return left
    await sleep(lookEveryMs)
  }
}

async function runningOf<T extends NotedProcess>(processes: readonly T[]): Promise<readonly T[]> {
  const running = await Promise.all(processes.map(isRunning))
  return processes.filter((_, index) => running[index])
}

function send({ pid }: Named, signal: 'SIGCONT' | 'SIGTERM' | 'SIGKILL'): void {
  const isWindows = process.platform === 'win32'
  try {
    if (signal !== 'SIGCONT') process.kill(pid, signal)
    // A frozen process takes no SIGTERM before it is continued.
    if (signal !== 'SIGKILL' && !isWindows) process.kill(pid, 'SIGCONT')
  } catch (error) {
    // It has ended meanwhile.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

const namesOf = (processes: readonly Named[]): string => processes.map(({ name }) => name).join(', ')
