import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Environment } from '../test-env.ts'
import { TestServerError } from '../test-server-error.ts'
import { freePorts, isPortFree } from './free-ports.ts'
import { ServerProcess } from './server-process.ts'
import type {
  Launch,
  LaunchOptions,
  ServerDefinition,
  ServerExit,
  ServerOwner,
  TestServer,
} from './test-server.ts'

const attemptsMax = 3
/** Holds the ports that were used last. */
const markerFile = 'server.json'

/** Options of {@link startServer}. */
export interface StartServerOptions extends Partial<Pick<LaunchOptions, 'appendFsync' | 'productionSizes'>> {
  /** Whether every acknowledged write survives a SIGKILL of the server. */
  readonly durable: boolean
  readonly owner: ServerOwner
  /** Name of its folder in the owner's; one per server. */
  readonly folder: string
  /** For the processes that prepare data. */
  readonly env: Environment
  /** Whether it goes on with the data of its folder, and on the ports of its last start where they are free. */
  readonly keep?: boolean
  /** `log` in its folder when absent. */
  readonly logFile?: string
  /** Called each time it has ended, wanted or not. */
  readonly onExit?: (exit: ServerExit) => void
  /** Told what a person should know of kept data, a sentence. */
  readonly onNote?: (text: string) => void
}

/** Prepares data, finds ports and starts; takes other ports when somebody else was quicker. */
export const startServer = async (
  definition: ServerDefinition,
  options: StartServerOptions,
): Promise<TestServer> => {
  const { durable, appendFsync = 'always', productionSizes = false, owner, folder, onExit } = options
  const begin = performance.now()
  const dir = join(owner.dir, folder)
  const formerPorts = await prepare(definition, dir, options)
  for (let attempt = 1; ; attempt++) {
    const ports =
      (attempt === 1 ? await usable(formerPorts) : undefined) ?? (await freePorts(definition.ports))
    const [port = 0, ...otherPorts] = ports
    const launch = definition.launch({ dir, port, otherPorts, durable, appendFsync, productionSizes })
    const server = new ServerProcess({
      kind: definition.kind,
      launch,
      dir,
      owner,
      logFile: options.logFile ?? join(dir, 'log'),
      ...(onExit === undefined ? {} : { onExit }),
    })
    try {
      await server.start()
      if (options.keep === true) await writeMarker(dir, ports)
      return asTestServer({ definition, launch, server, ports, startedInMs: performance.now() - begin })
    } catch (error) {
      await server.kill()
      const free = await Promise.all(ports.map(isPortFree))
      if (attempt === attemptsMax || !isStartFailure(error) || free.every(Boolean)) throw error
    }
  }
}

/** Leaves a folder with complete data. @returns the ports of the last start, if they are known. */
async function prepare(
  definition: ServerDefinition,
  dir: string,
  { keep = false, owner, env, onNote }: StartServerOptions,
): Promise<readonly number[] | undefined> {
  const prepareEnv = { ...env, ...owner.env }
  if (!keep) {
    await mkdir(dir)
    await definition.prepare?.(dir, prepareEnv)
    return undefined
  }
  if (await hasContent(dir)) return readMarker(dir, onNote)
  // Whatever has the final name is complete, and never removed: what a start that was cut short leaves has this one.
  const next = `${dir}.new`
  await rm(next, { recursive: true, force: true })
  await mkdir(next, { recursive: true })
  await definition.prepare?.(next, prepareEnv)
  await writeMarker(next, [])
  // Empty.
  await rm(dir, { recursive: true, force: true })
  await rename(next, dir)
  return undefined
}

async function hasContent(dir: string): Promise<boolean> {
  return existsSync(dir) && (await readdir(dir)).length > 0
}

/** Replaces the marker in one step: a disk that is full, or a kill, leaves the former one. */
async function writeMarker(dir: string, ports: readonly number[]): Promise<void> {
  const marker = join(dir, markerFile)
  await writeFile(`${marker}.new`, JSON.stringify({ ports }))
  await rename(`${marker}.new`, marker)
}

/** @returns the ports of the last start; `undefined`, which is told, where they cannot be read */
async function readMarker(
  dir: string,
  onNote: StartServerOptions['onNote'],
): Promise<readonly number[] | undefined> {
  const marker = join(dir, markerFile)
  try {
    const read: unknown = JSON.parse(await readFile(marker, 'utf8'))
    const ports = typeof read === 'object' && read !== null && 'ports' in read ? read.ports : undefined
    if (isPorts(ports)) return ports
    throw new Error('it has no ports')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    onNote?.(
      `${marker} cannot be read (${why}): goes on with the data beside it, on any ports; should it not start, move ${dirname(marker)} away`,
    )
    return undefined
  }
}

const isPorts = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((port) => Number.isInteger(port) && port > 0 && port < 65_536)

const usable = async (ports: readonly number[] | undefined): Promise<readonly number[] | undefined> => {
  if (ports === undefined || ports.length === 0) return undefined
  return (await Promise.all(ports.map(isPortFree))).every(Boolean) ? ports : undefined
}

const isStartFailure = (error: unknown): boolean =>
  error instanceof TestServerError && error.code === 'START_FAILED'

interface Started {
  readonly definition: ServerDefinition
  readonly launch: Launch
  readonly server: ServerProcess
  readonly ports: readonly number[]
  readonly startedInMs: number
}

const asTestServer = ({ definition, launch, server, ports, startedInMs }: Started): TestServer => ({
  kind: definition.kind,
  url: launch.url,
  host: '127.0.0.1',
  port: ports[0] ?? 0,
  ports,
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
