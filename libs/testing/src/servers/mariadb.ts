import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { mysqlTemplateVariable } from '../test-env.ts'
import { TestServerError } from '../test-server-error.ts'
import { ask } from './ask.ts'
import { requireBinary } from './find-binary.ts'
import { toFlags, type Flags } from './flags.ts'
import type { ServerDefinition } from './test-server.ts'

const user = 'hydra'
const password = 'hydra'
const installTimeoutMs = 60_000
// sockaddr_un: 108 bytes on Linux, 104 on macOS, the zero at the end included.
const socketBytesMax = 103

// The sizes are part of the data folder's format: the server must be started with those it was made with.
const sizes: Flags = {
  'innodb-log-file-size': '4M',
  'innodb-data-file-path': 'ibdata1:4M:autoextend',
}
// MariaDB's defaults. The log is the one size that may change: a server that was shut down cleanly makes it anew.
const productionSizesOf = { 'innodb-log-file-size': '96M', 'innodb-buffer-pool-size': '128M' } as const
const asRoot: Flags = process.getuid?.() === 0 ? { user: 'root' } : {}

// The server runs this file at each start, before it accepts anybody.
const users = [
  `CREATE USER IF NOT EXISTS '${user}'@'%' IDENTIFIED BY '${password}';`,
  `GRANT ALL PRIVILEGES ON *.* TO '${user}'@'%' WITH GRANT OPTION;`,
].join('\n')

/**
 * MariaDB (a MySQL is used when its url is given). Durable: the InnoDB log is synced at each commit and pages are
 * written twice, as a production server does; otherwise neither.
 */
export const mariadb: ServerDefinition = {
  kind: 'mysql',
  ports: 1,
  prepare: async (dir, env) => {
    await writeFile(join(dir, 'users.sql'), `${users}\n`)
    await mkdir(join(dir, 'tmp'))
    // Bootstraps of several runs that share one folder for temporary tables delete each other's.
    const installEnv = { ...env, TMPDIR: join(dir, 'tmp') }
    const template = env[mysqlTemplateVariable]
    if (template === undefined) return installMariadb(join(dir, 'data'), installEnv)
    if (!existsSync(template)) await installMariadb(template, installEnv)
    await cp(template, join(dir, 'data'), { recursive: true })
  },
  launch: ({ dir, port, durable, productionSizes }) => {
    const socket = socketOf(dir)
    return {
      command: requireBinary('mariadbd'),
      args: toFlags({
        'no-defaults': true,
        ...asRoot,
        datadir: join(dir, 'data'),
        tmpdir: join(dir, 'tmp'),
        socket,
        'pid-file': join(dir, 'pid'),
        'init-file': join(dir, 'users.sql'),
        'bind-address': '127.0.0.1',
        port,
        ...sizes,
        'innodb-buffer-pool-size': '64M',
        ...(productionSizes ? productionSizesOf : {}),
        'innodb-flush-log-at-trx-commit': durable ? 1 : 0,
        'innodb-doublewrite': durable ? 1 : 0,
        'skip-log-bin': true,
        'skip-name-resolve': true,
        'performance-schema': 'OFF',
        // Who only looks whether it answers is not worth a line.
        'log-warnings': 1,
        'character-set-server': 'utf8mb4',
        'collation-server': 'utf8mb4_bin',
      }),
      url: `mysql://${user}:${password}@127.0.0.1:${port}`,
      checkReady: async () => {
        // Nobody else has this socket; and mariadbd ends when it cannot have its port, so then the port is its own too.
        await ask({ path: socket }, '', greeting)
        await ask({ host: '127.0.0.1', port }, '', greeting)
      },
    }
  },
}

/** In the server's folder, or in the temporary one when that path is too long; named after the server's folder there. */
const socketOf = (dir: string): string => {
  const name = `hydra-${createHash('sha256').update(dir).digest('hex').slice(0, 16)}.sock`
  const socket = [join(dir, 'sock'), join(tmpdir(), name)].find(
    (path) => Buffer.byteLength(path) <= socketBytesMax,
  )
  if (socket !== undefined) return socket
  throw new TestServerError(
    'START_FAILED',
    `${tmpdir()} is too long for a unix socket; set TMPDIR to a folder with a shorter path.`,
  )
}

/** Makes an initialised data folder, which costs 0.5 to 3 s; a copy of it costs a tenth of that. */
const installMariadb = async (dataDir: string, env: NodeJS.ProcessEnv): Promise<void> => {
  const command = requireBinary('mariadb-install-db')
  const args = toFlags({
    'no-defaults': true,
    ...asRoot,
    datadir: dataDir,
    'auth-root-authentication-method': 'normal',
    'skip-test-db': true,
    'skip-name-resolve': true,
    ...sizes,
    // Small steps of growth keep the folder at a few megabytes instead of 80.
    'innodb-autoextend-increment': 1,
  })
  try {
    await promisify(execFile)(command, args, { timeout: installTimeoutMs, env })
  } catch (cause) {
    throw new TestServerError('START_FAILED', `mariadb-install-db failed: ${String(cause)}`, { cause })
  }
}

/** The handshake packet: u24 length, sequence number 0, protocol version 10, server version ending in a zero byte. */
const greeting = (answer: Buffer): string | undefined => {
  const bodyBytes = answer.length < 4 ? Number.POSITIVE_INFINITY : answer.readUIntLE(0, 3)
  if (answer.length < 4 + bodyBytes) return undefined
  if (answer[3] !== 0 || answer[4] !== 10) throw new Error('no MySQL handshake')
  return answer.toString('latin1', 5, answer.indexOf(0, 5))
}
