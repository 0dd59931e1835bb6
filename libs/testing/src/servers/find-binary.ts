import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { serverPathVariable, type Environment, type ServerKind } from '../test-env.ts'
import { TestServerError } from '../test-server-error.ts'

// Debian keeps daemons in sbin, which is not in the PATH of everybody; Homebrew has folders of its own.
const usualFolders = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/opt/homebrew/sbin',
  '/opt/homebrew/bin',
]

/** The programs that each kind of server needs. */
export const serverBinaries: Readonly<Record<ServerKind, readonly string[]>> = Object.freeze({
  mysql: ['mariadbd', 'mariadb-install-db'],
  redis: ['redis-server'],
  nats: ['nats-server'],
  etcd: ['etcd'],
})

/**
 * Finds a program in `PATH` and the usual folders of servers, or only in the folders of `HYDRA_TEST_SERVER_PATH` when
 * that is set.
 *
 * @example findBinary('etcd') // '/usr/bin/etcd', or undefined when there is none
 */
export const findBinary = (name: string, env: Environment = process.env): string | undefined => {
  const only = env[serverPathVariable]
  const folders =
    only === undefined ? [...(env['PATH'] ?? '').split(delimiter), ...usualFolders] : only.split(delimiter)
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, process.platform === 'win32' ? `${name}.exe` : name))
    .find(isExecutable)
}

/**
 * Like {@link findBinary} for a program that must be there.
 *
 * @throws TestServerError `BINARY_MISSING`
 */
export const requireBinary = (name: string, env: Environment = process.env): string => {
  const path = findBinary(name, env)
  if (path !== undefined) return path
  throw new TestServerError(
    'BINARY_MISSING',
    `${name} was not found in PATH. Install it, name its folder in ${serverPathVariable}, give the url of a running ` +
      'server, or run with HYDRA_TEST_BACKENDS=embedded.',
  )
}

/**
 * The kinds of servers that this machine cannot start.
 *
 * @example missingServers(process.env) // ['etcd']
 */
export const missingServers = (
  kinds: readonly ServerKind[],
  env: Environment = process.env,
): readonly ServerKind[] =>
  kinds.filter((kind) => serverBinaries[kind].some((name) => findBinary(name, env) === undefined))

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
