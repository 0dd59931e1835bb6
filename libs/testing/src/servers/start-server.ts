import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Reaper } from '../reaper/reaper.ts'
import type { Environment } from '../test-env.ts'
import { TestServerError } from '../test-server-error.ts'
import { freePorts, isPortFree } from './free-ports.ts'
import { ServerProcess } from './server-process.ts'
import type { Launch, LaunchOptions, ServerDefinition, TestServer } from './test-server.ts'

const attemptsMax = 3

/** Options of {@link startServer}. */
export interface StartServerOptions extends Partial<Pick<LaunchOptions, 'appendFsync' | 'productionSizes'>> {
  /** Whether every acknowledged write survives a SIGKILL of the server. */
  readonly durable: boolean
  readonly reaper: Reaper
  /** Name of its folder in the reaper's; one per server. */
  readonly folder: string
  /** For the processes that prepare data. */
  readonly env: Environment
}

/** Prepares data, finds ports and starts; takes other ports when somebody else was quicker. */
export const startServer = async (
  definition: ServerDefinition,
  options: StartServerOptions,
): Promise<TestServer> => {
  const { durable, appendFsync = 'always', productionSizes = false, reaper, folder, env } = options
  const begin = performance.now()
  const dir = join(reaper.dir, folder)
  await mkdir(dir)
  await definition.prepare?.(dir, { ...env, ...reaper.env })
  for (let attempt = 1; ; attempt++) {
    const [port = 0, ...otherPorts] = await freePorts(definition.ports)
    const launch = definition.launch({ dir, port, otherPorts, durable, appendFsync, productionSizes })
    const server = new ServerProcess({ kind: definition.kind, launch, dir, reaper })
    try {
      await server.start()
      return asTestServer({ definition, launch, server, port, startedInMs: performance.now() - begin })
    } catch (error) {
      await server.kill()
      const free = await Promise.all([port, ...otherPorts].map(isPortFree))
      if (attempt === attemptsMax || !isStartFailure(error) || free.every(Boolean)) throw error
    }
  }
}

const isStartFailure = (error: unknown): boolean =>
  error instanceof TestServerError && error.code === 'START_FAILED'

interface Started {
  readonly definition: ServerDefinition
  readonly launch: Launch
  readonly server: ServerProcess
  readonly port: number
  readonly startedInMs: number
}

const asTestServer = ({ definition, launch, server, port, startedInMs }: Started): TestServer => ({
  kind: definition.kind,
  url: launch.url,
  host: '127.0.0.1',
  port,
  get pid() {
    return server.pid
  },
  startedInMs: Math.round(startedInMs),
  log: () => server.log(),
  stop: () => server.stop(),
  kill: () => server.kill(),
  restart: async () => {
    await server.stop()
    await server.start()
  },
  pause: () => server.pause(),
  resume: () => server.resume(),
})
