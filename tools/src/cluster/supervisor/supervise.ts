import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { createLogger, exitCode, systemClock } from '@hydra/runtime'
import { clusterFolder } from '../cluster-folder.ts'
import { createClusterState, removeClusterState } from '../cluster-state.ts'
import { markOf } from '../process-mark.ts'
import { startControlServer } from './control-server.ts'
import { guardWord } from './guard-word.ts'
import { rotateLogs } from './log-rotation.ts'
import { Supervisor } from './supervisor.ts'

/** Without a first command there is nothing to supervise. */
const firstCommandMs = 30_000
const rotateEveryMs = 10_000

const [, program = '', dir] = process.argv
const folder = clusterFolder(dir)
mkdirSync(folder.logsDir, { recursive: true })
const log = createLogger({ level: 'info', fields: { service: 'supervisor' } })
const token = randomBytes(32).toString('hex')

const idle = setTimeout(() => void end('no command came'), firstCommandMs)
let supervisor: Supervisor | undefined
let ending: Promise<void> | undefined
const running = (): Supervisor => {
  if (supervisor === undefined) throw new Error('The supervisor is not there yet.')
  return supervisor
}
const control = await startControlServer({
  token,
  supervisor: running,
  onCommand(ends) {
    clearTimeout(idle)
    if (ends) void end('a command')
  },
})

const base = {
  version: 1,
  startedAtMs: systemClock.nowMs(),
  supervisor: { pid: process.pid, url: `http://127.0.0.1:${control.address.port}`, token },
} as const
supervisor = new Supervisor(folder, base, log)
if (createClusterState(folder, supervisor.state)) supervise()
else {
  log.error({ file: folder.stateFile }, 'another supervisor has this cluster')
  process.exit(exitCode.unavailable)
}

function supervise(): void {
  log.info({ pid: process.pid, control: base.supervisor.url }, 'supervising')
  void noteProcesses(startGuard())
  setInterval(() => {
    rotateLogs(folder.logsDir).catch((err: unknown) => log.warn({ err }, 'logs were not rotated'))
  }, rotateEveryMs).unref()
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end(signal))
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    process.on(event, (err: unknown) => {
      log.error({ err, event }, 'defect: nothing caught this; stopping the cluster')
      process.exitCode = exitCode.software
      void end(event)
    })
  }
}

/** Another process of the same program, which notices when this one is killed. */
function startGuard(): number | undefined {
  const guard = spawn(process.execPath, [program, folder.dir, guardWord], {
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  guard.on('error', (err) => log.error({ err }, 'the guard did not start'))
  guard.send(token, (err) => (err === null ? undefined : log.error({ err }, 'the guard did not listen')))
  guard.unref()
  guard.channel?.unref()
  return guard.pid
}

async function noteProcesses(guardPid: number | undefined): Promise<void> {
  const [own, guard] = await Promise.all([
    markOf(process.pid),
    guardPid === undefined ? undefined : markOf(guardPid),
  ])
  running().note({
    supervisor: { ...base.supervisor, ...(own === undefined ? {} : { mark: own }) },
    ...(guardPid === undefined
      ? {}
      : { guard: { pid: guardPid, ...(guard === undefined ? {} : { mark: guard }) } }),
  })
}

/** Ends everything, then this process. The first reason counts. */
function end(why: string): Promise<void> {
  ending ??= finish(why)
  return ending
}

async function finish(why: string): Promise<void> {
  log.info({ why }, 'stopping the cluster')
  try {
    await running().stop((text) => log.info({}, text))
  } catch (err) {
    log.error({ err }, 'not everything stopped as it should')
  }
  running().forget()
  await removeClusterState(folder, token)
  await control.close()
  log.info({}, 'stopped')
  process.exit()
}
