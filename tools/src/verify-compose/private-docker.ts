import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { mkdir, readdir, readFile, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { delay, systemClock } from '@hydra/runtime'
import { shell } from './shell.ts'

/** A Docker engine that nobody else sees. */
export interface PrivateDocker {
  /** For `docker` and `docker-compose`. */
  readonly env: NodeJS.ProcessEnv
  /** Begins a command line that is to run in the engine's network, where published ports and containers are reached. */
  readonly inside: readonly string[]
  /** Ends the engine and everything that ran in it. */
  stop(): Promise<void>
}

/**
 * Starts `dockerd` with folders and a socket of its own, in namespaces of its own: network (no address outside is
 * reached, no port of this machine is taken), mounts, and processes, of which none survives the engine.
 *
 * @throws Error when the engine does not answer within 60 s.
 */
export async function startPrivateDocker(folder: string, signal: AbortSignal): Promise<PrivateDocker> {
  const at = (name: string): string => join(folder, name)
  const cgroup = `hydra-verify-${process.pid}`
  await mkdir(folder, { recursive: true })
  const args = ['--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('dockerd.pid')]
  args.push('--host', `unix://${at('docker.sock')}`, '--cgroup-parent', `/${cgroup}`, '--log-level', 'warn')
  const log = openSync(at('dockerd.log'), 'a')
  const child = spawn(
    'unshare',
    [
      '--net',
      '--mount',
      '--pid',
      '--fork',
      '--kill-child',
      '--mount-proc',
      'sh',
      '-c',
      'ip link set lo up && exec dockerd "$@"',
      'dockerd',
      ...args,
    ],
    { stdio: ['ignore', log, log], detached: true },
  )
  await once(child, 'spawn')
  const env = {
    ...process.env,
    DOCKER_HOST: `unix://${at('docker.sock')}`,
    DOCKER_BUILDKIT: '0',
    COMPOSE_DOCKER_CLI_BUILD: '0',
  }
  const docker: PrivateDocker = {
    env,
    inside: ['nsenter', `--net=/proc/${child.pid}/ns/net`],
    async stop() {
      await endEngine(child)
      await removeCgroups(cgroup)
    },
  }
  try {
    await untilAnswers(child, env, signal)
    return docker
  } catch (cause) {
    await docker.stop()
    const lines = (await readFile(at('dockerd.log'), 'utf8')).trim().split('\n').slice(-8).join('\n')
    throw new Error(`dockerd did not start:\n${lines}`, { cause })
  }
}

async function untilAnswers(child: ChildProcess, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await shell(['docker', 'info', '--format', '{{.ServerVersion}}'], { signal, env })
      return
    } catch (error) {
      if (attempt === 120 || child.exitCode !== null || signal.aborted) throw error
      await delay(systemClock, 500)
    }
  }
}

/** SIGTERM to dockerd itself, the only child of `unshare`, which ends containers; SIGKILL of `unshare` if that hangs. */
async function endEngine(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
  for (const pid of children.trim().split(' ').filter(Boolean)) process.kill(Number(pid), 'SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 40_000)
  await ended
  clearTimeout(timer)
}

/** The engine leaves the group that it made for its containers, which are gone by now. */
async function removeCgroups(name: string): Promise<void> {
  const root = '/sys/fs/cgroup'
  const hierarchies = ['', ...(await readdir(root))].map((controller) => join(root, controller, name))
  for (const folder of hierarchies) {
    try {
      await rmdir(folder)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code))))
        throw error
    }
  }
}
