import { join } from 'node:path'
import type { Reaper } from './reaper/reaper.ts'
import { startServers } from './servers/start-servers.ts'
import {
  dirVariable,
  isEmbedded,
  mysqlTemplateVariable,
  serverKinds,
  urlVariables,
  type Environment,
  type ServerKind,
} from './test-env.ts'

/** The servers that all test files of a run share. */
export interface SharedServers {
  /** Variables to set for the processes that run the tests: the run's folder and the url of each server started here. */
  readonly env: Readonly<Record<string, string>>
  /** What was started here and how long each took; servers given by url are not among them. */
  readonly started: readonly {
    readonly kind: ServerKind
    readonly startedInMs: number
    /** Undefined once it has ended. */
    readonly pid: number | undefined
  }[]
  close(): Promise<void>
}

/**
 * The kinds for which a run needs private servers: none in embedded mode, else those without a url.
 *
 * @example kindsToStart({ HYDRA_TEST_REDIS_URL: 'redis://cache:6379' }) // ['mysql', 'nats', 'etcd']
 */
export const kindsToStart = (env: Environment): readonly ServerKind[] =>
  isEmbedded(env) ? [] : serverKinds.filter((kind) => (env[urlVariables[kind]] ?? '') === '')

/**
 * Starts what {@link kindsToStart} names, in the reaper's folder.
 *
 * @throws TestServerError `BINARY_MISSING`, `START_FAILED`
 */
export const startSharedServers = async (reaper: Reaper, env: Environment): Promise<SharedServers> => {
  const kinds = kindsToStart(env)
  const template = kinds.includes('mysql')
    ? { [mysqlTemplateVariable]: join(reaper.dir, 'mysql-template') }
    : {}
  const servers = await startServers({ which: kinds, reaper }, { ...env, ...template })
  const started = kinds.map((kind) => servers[kind])
  return {
    env: {
      [dirVariable]: reaper.dir,
      ...template,
      ...Object.fromEntries(started.map(({ kind, url }) => [urlVariables[kind], url])),
    },
    started,
    close: () => servers.close(),
  }
}
