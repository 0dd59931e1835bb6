import { fileURLToPath } from 'node:url'
import type { ServerKind } from '@hydra/testing'
import { runProcess } from './run-process.ts'

/** The Debian packages of a server, the first one that the distribution knows is taken. */
const packageNames: Readonly<Record<ServerKind, readonly string[]>> = {
  mysql: ['mariadb-server'],
  redis: ['redis-server'],
  nats: ['nats-server'],
  // One package for server and client up to Debian 11 and Ubuntu 22.04.
  etcd: ['etcd-server', 'etcd'],
}

const script = fileURLToPath(new URL('install-packages.sh', import.meta.url))

/** What {@link installServers} needs from outside. */
export interface InstallOptions {
  readonly signal: AbortSignal
  readonly print: (text: string) => void
}

/**
 * Installs servers with apt-get and keeps their daemons from starting. May be interrupted until the packages are
 * downloaded; what is being installed then is finished first.
 *
 * @throws Error naming the command that failed, with its output
 * @throws the signal's reason when it was aborted
 */
export const installServers = async (
  kinds: readonly ServerKind[],
  { signal, print }: InstallOptions,
): Promise<void> => {
  const apt = async (...args: readonly string[]): Promise<boolean> =>
    (await run('apt-get', args, signal)).exitCode === 0
  const orFail = async (command: string, args: readonly string[], stop: AbortSignal): Promise<void> => {
    const { exitCode, output } = await run(command, args, stop)
    if (exitCode !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${output.trim()}`)
  }

  print('Updating the package lists …')
  await orFail('apt-get', ['update', '-q'], signal)
  const packages: string[] = []
  for (const kind of kinds) {
    const [first = kind, ...others] = packageNames[kind]
    const known = await findKnown([first, ...others], (name) => apt('install', '--simulate', '-qq', name))
    packages.push(known ?? first)
  }
  print(`Installing ${packages.join(', ')} (their services are kept from starting) …`)
  const options = ['-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120']
  await orFail('apt-get', ['install', '--download-only', ...options, ...packages], signal)
  await orFail('bash', [script, ...packages], new AbortController().signal)
  signal.throwIfAborted()
}

const run = (command: string, args: readonly string[], signal: AbortSignal) =>
  runProcess({
    command,
    args,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    output: 'capture',
    signal,
  })

const findKnown = async (
  names: readonly string[],
  isKnown: (name: string) => Promise<boolean>,
): Promise<string | undefined> => {
  for (const name of names) if (await isKnown(name)) return name
  return undefined
}
