import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Environment, ServerKind } from '../test-env.ts'
import { definitions } from './definitions.ts'
import { startServer } from './start-server.ts'
import type { ServerExit, TestServer } from './test-server.ts'

/** Where a kept server has its data, and who hears of it. */
export interface KeptServerOptions {
  readonly kind: ServerKind
  /** Its data is in a folder of this one, named after its kind, and stays there. */
  readonly dir: string
  /** What it writes is added to this file, whose folder is made. */
  readonly logFile: string
  /** Called each time its process is there, before it is ready, so that it is known also to those who outlive the caller. */
  readonly onStart?: (pid: number) => void
  /** Called each time it has ended, wanted or not. */
  readonly onExit?: (exit: ServerExit) => void
  /** Told what a person should know of the data that is there, a sentence: that its former ports are not known. */
  readonly onNote?: (text: string) => void
}

/**
 * Starts a server whose data stays when it ends, for a cluster that somebody develops on: the next start goes on with it,
 * on the same port where that is free. Settings are those of production: nothing acknowledged is lost by a SIGKILL, and
 * by a loss of power what Redis has not synced for a second.
 *
 * Unlike those of `startServers` nobody ends it should its starter die: that is the caller's to see to.
 *
 * @throws TestServerError `BINARY_MISSING`, `START_FAILED`
 * @example
 * const redis = await startKeptServer({ kind: 'redis', dir: '.hydra/cluster/data', logFile: '.hydra/cluster/logs/redis.log' })
 * await redis.stop()
 */
export const startKeptServer = async (
  { kind, dir, logFile, onStart, onExit, onNote }: KeptServerOptions,
  env: Environment = process.env,
): Promise<TestServer> => {
  await mkdir(dir, { recursive: true })
  await mkdir(dirname(logFile), { recursive: true })
  return startServer(definitions[kind], {
    owner: { dir, env: {}, watch: (pid) => onStart?.(pid), forget: () => undefined },
    folder: kind,
    keep: true,
    durable: true,
    appendFsync: 'everysec',
    productionSizes: true,
    logFile,
    env,
    ...(onExit === undefined ? {} : { onExit }),
    ...(onNote === undefined ? {} : { onNote }),
  })
}
