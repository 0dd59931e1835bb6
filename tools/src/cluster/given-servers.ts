import { exitCode } from '@hydra/runtime'
import { serverKinds, type Environment, type ServerKind } from '@hydra/testing'
import { exampleUrls, mayInstall, notInstalled, serverTitles, waysToInstall } from '../test/backends.ts'
import { installServers } from '../test/install.ts'
import { interruptible } from '../test/interrupt.ts'
import type { Machine } from '../test/machine.ts'
import { tryUrl } from '../test/try-url.ts'
import { ClusterError } from './cluster-error.ts'
import { sharedValue, type KeyPath } from './decided-settings.ts'

/** The keys of the services' configuration that say where a server is, and the option that says it too. */
const settingOf: Readonly<Record<ServerKind, { readonly path: KeyPath; readonly option: string }>> = {
  mysql: { path: ['storage', 'mysqlUrl'], option: 'mysql-url' },
  redis: { path: ['storage', 'redisUrl'], option: 'redis-url' },
  nats: { path: ['cluster', 'natsServers'], option: 'nats-url' },
  etcd: { path: ['cluster', 'etcdHosts'], option: 'etcd-url' },
}

/** Options of the command line by name. */
type Options = Readonly<Record<string, string | boolean | undefined>>

/** Urls of servers that run, by kind. */
export type GivenServers = Readonly<Partial<Record<ServerKind, string>>>

/**
 * The servers that a person names: by option, else by the variable of the services' configuration, or the file that
 * it names.
 *
 * @example givenServers({ 'redis-url': 'redis://cache:6379' }, {}) // { redis: 'redis://cache:6379' }
 */
export function givenServers(options: Options, env: Environment): GivenServers {
  return Object.fromEntries(
    serverKinds.flatMap((kind) => {
      const { path, option } = settingOf[kind]
      // A list may have one on each line of its file.
      const url = options[option] ?? sharedValue(env, path)?.trim().replaceAll('\n', ',') ?? ''
      return typeof url === 'string' && url !== '' ? [[kind, url]] : []
    }),
  )
}

/**
 * Refuses a configuration by which a server must speak TLS where that is none that was given, since those that are started
 * do not, and a MySQL without a database, which cannot be made over TLS.
 *
 * @throws ClusterError (exit code 78)
 */
export function refusePlainServers(given: GivenServers, tlsServers: readonly ServerKind[]): void {
  const plain = tlsServers.find((kind) => given[kind] === undefined)
  if (plain !== undefined) {
    const { option, path } = settingOf[plain]
    const sentence = `[${path[0]}] says that ${serverTitles[plain]} speaks TLS; those that are started here do not`
    throw new ClusterError(
      `${sentence}: name one with --${option}, or take those settings away.`,
      exitCode.config,
    )
  }
  const { mysql = '' } = given
  if (!tlsServers.includes('mysql') || !URL.canParse(mysql) || new URL(mysql).pathname.length > 1) return
  throw new ClusterError(
    'Over TLS no database is made: make one, and name it at the end of the url, as in mysql://user@db.example.com/hydra.',
    exitCode.config,
  )
}

/** What to do about the servers that were not given. */
export type ServersPlan =
  | { readonly kind: 'start' }
  | { readonly kind: 'install'; readonly missing: readonly ServerKind[] }
  | { readonly kind: 'impossible'; readonly message: string }

/** Decides, without touching anything: what is installed, else an installation, else an explanation. */
export function planServers(given: GivenServers, { env, missing, canInstall }: Machine): ServersPlan {
  const lacking = serverKinds.filter((kind) => given[kind] === undefined && missing.includes(kind))
  if (lacking.length === 0) return { kind: 'start' }
  if (mayInstall(env, canInstall)) return { kind: 'install', missing: lacking }
  const message = [
    `A cluster runs on real servers; ${notInstalled(lacking, env)}`,
    'Do one of these and run npx hydra up again:',
    '',
    ...waysToInstall(lacking),
    '  or name servers that run:',
    ...lacking.map((kind) => `    --${settingOf[kind].option} ${exampleUrls[kind]}`),
    '  or go without, on embedded backends in one process:',
    '    npx hydra dev',
  ].join('\n')
  return { kind: 'impossible', message }
}

/**
 * Sees to it that every server is given and answers, or can be started; installs what may be installed.
 *
 * @throws ClusterError (exit code 69) with what a person can do
 */
export async function provideServers(
  given: GivenServers,
  machine: Machine,
  print: (text: string) => void,
): Promise<void> {
  const complaints = await Promise.all(
    serverKinds.map(async (kind) => {
      const url = given[kind]
      const reason = url === undefined ? undefined : await tryUrl(kind, firstUrl(kind, url))
      return reason === undefined ? [] : [`${serverTitles[kind]}: ${reason}`]
    }),
  )
  if (complaints.flat().length > 0) throw new ClusterError(complaints.flat().join('\n'), exitCode.unavailable)
  const plan = planServers(given, machine)
  if (plan.kind === 'impossible') throw new ClusterError(plan.message, exitCode.unavailable)
  if (plan.kind !== 'install') return
  await interruptible((signal) => installServers(plan.missing, { signal, print }))
}

/** NATS and etcd may be named by lists, and NATS without a scheme. */
function firstUrl(kind: ServerKind, text: string): string {
  const [first = ''] = text.split(',').map((part) => part.trim())
  return kind === 'nats' && !first.includes('://') ? `nats://${first}` : first
}
