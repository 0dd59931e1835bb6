import { startReaper, type Reaper } from '../reaper/reaper.ts'
import type { Environment, ServerKind } from '../test-env.ts'
import { definitions } from './definitions.ts'
import { startServer } from './start-server.ts'
import type { AppendFsync, TestServer } from './test-server.ts'

/** What to start. */
export interface StartServersOptions<Kind extends ServerKind> {
  readonly which: readonly Kind[]
  /**
   * Whether every acknowledged write survives a SIGKILL of the server (Redis: append-only file synced before each
   * answer; MariaDB: log synced at each commit; etcd: fsync). Default false: fast.
   */
  readonly durable?: boolean
  /** When a durable Redis syncs: with `everysec`, as most in production, a crash loses up to two seconds. Default `always`. */
  readonly appendFsync?: AppendFsync
  /** MariaDB with the log and buffer pool that it has by default, where tests are content with little. Default false. */
  readonly productionSizes?: boolean
  /** Somebody's folder and watchdog to share; then `close` ends the servers only. */
  readonly reaper?: Reaper
}

/** The started servers under the names of their kinds. */
export type ServerSet<Kind extends ServerKind> = { readonly [K in Kind]: TestServer } & {
  /** Ends them and removes their data. May be called again. */
  close(): Promise<void>
}

/**
 * Starts private servers, all at once, on free ports of 127.0.0.1 with data in a temporary folder. For tests that kill,
 * restart or freeze them; all others use the shared ones, see `testBackends`. However the owner ends, no process and no
 * file is left.
 *
 * Put tests that call it into `*.servers.test.ts` files: those are left out where no servers can be started.
 *
 * @throws TestServerError `BINARY_MISSING`, `START_FAILED`
 * @example
 * const servers = await startServers({ which: ['redis', 'mysql'], durable: true })
 * await servers.redis.kill()
 * await servers.redis.restart()
 * await servers.close()
 */
export const startServers = async <Kind extends ServerKind>(
  options: StartServersOptions<Kind>,
  env: Environment = process.env,
): Promise<ServerSet<Kind>> => {
  const { which, durable = false, reaper: givenReaper, ...settings } = options
  const reaper = givenReaper ?? (await startReaper())
  const results = await Promise.allSettled(
    [...new Set(which)].map((kind) =>
      startServer(definitions[kind], { ...settings, durable, owner: reaper, folder: kind, env }),
    ),
  )
  const started = results.filter((result) => result.status === 'fulfilled').map(({ value }) => value)
  const end = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.stop()))
    if (givenReaper === undefined) await reaper.close()
  }
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) {
    await end()
    throw failed.reason
  }
  let ending: Promise<void> | undefined
  const close = (): Promise<void> => (ending ??= end())
  // Object.fromEntries forgets which keys it was given; they are exactly `which`.
  const byKind = Object.fromEntries(started.map((server) => [server.kind, server])) as Record<
    Kind,
    TestServer
  >
  return { ...byKind, close }
}
