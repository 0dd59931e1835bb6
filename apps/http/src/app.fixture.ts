import { createMemoryCluster, type ClusterDrivers, type ServerRecord } from '@hydra/rpc'
import { openDatabaseDrivers, storageConfigSchema, type DatabaseDrivers } from '@hydra/persistence'
import {
  createCountingIds,
  createLogger,
  createMetrics,
  ManualClock,
  Readiness,
  silentLogger,
  systemClock,
  type Clock,
} from '@hydra/runtime'
import { createHttpApp, type HttpAppOptions } from './app.ts'
import { deriveScrypt, type Derive } from './account/password.ts'
import type { ScryptParameters } from './account/password-hash.ts'
import { httpConfigSchema } from './config.ts'

/** Sections of a configuration to change for a test. */
export type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** Passwords at a cost that tests can pay, on a free port. */
export const testConfig = (sections: Sections = {}) =>
  httpConfigSchema.parse({
    cluster: { driver: 'memory', host: 'here', zone: 'z1' },
    ...sections,
    http: { host: '127.0.0.1', port: 0, ...sections['http'] },
    password: { costLog2: 10, parallelism: 1, ...sections['password'] },
  })

/** A migrated database and what is known about its readiness. */
export async function openTestStorage(section: object = { database: 'sqlite', sqliteFile: ':memory:' }) {
  const readiness = new Readiness({ clock: systemClock })
  const deps = {
    clock: systemClock,
    log: silentLogger,
    metrics: createMetrics({ service: 'http' }),
    readiness,
  }
  const storage = await openDatabaseDrivers(storageConfigSchema.parse(section), {
    ...deps,
    random: Math.random,
  })
  return { ...storage, readiness }
}

/** Parts of a test's service that differ from the usual. */
export interface TestAppOptions {
  readonly storage: Pick<DatabaseDrivers, 'accounts'>
  readonly sections?: Sections
  readonly derive?: Derive
  readonly cluster?: ClusterDrivers
  readonly change?: Partial<HttpAppOptions>
}

/** The service on a real socket, with what it logs, the time it sees, and the hashing work that it does. */
export function createTestApp({ storage, sections, derive = deriveScrypt, cluster, change }: TestAppOptions) {
  const clock = new ManualClock()
  // Timers of the socket run in real time; what the service tells the time by stands still.
  const mixed: Clock = {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    after: (delayMs, callback) => systemClock.after(delayMs, callback),
    every: (periodMs, callback) => systemClock.every(periodMs, callback),
  }
  const lines: Readonly<Record<string, unknown>>[] = []
  const work: ScryptParameters[] = []
  const drivers = cluster ?? createMemoryCluster()
  const metrics = createMetrics({ service: 'http' })
  const app = createHttpApp({
    config: testConfig(sections),
    cluster: drivers,
    storage,
    clock: mixed,
    ids: createCountingIds(`u${Math.random().toString(36).slice(2)}`),
    log: createLogger({
      level: 'debug',
      write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
    }),
    metrics,
    derive: (password, salt, keyBytes, parameters) => {
      const { costLog2, blockSize, parallelism } = parameters
      work.push({ costLog2, blockSize, parallelism })
      return derive(password, salt, keyBytes, parameters)
    },
    ...change,
  })
  let base = ''
  const call = (path: string, init?: RequestInit): Promise<Response> => fetch(base + path, init)
  return {
    app,
    clock,
    lines,
    metrics,
    work,
    registry: drivers.registry,
    call,
    /** Opens the socket; `call` works from then on. */
    async start(signal?: AbortSignal): Promise<void> {
      const { port } = await app.start(signal)
      base = `http://127.0.0.1:${port}`
    },
    /** Points `call` at a socket whose `start` still waits. */
    listening(): void {
      const entry = lines.find(({ msg }) => msg === 'listening')
      base = `http://127.0.0.1:${String(entry?.['port'])}`
    },
    post: (path: string, body: unknown): Promise<Response> =>
      call(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  }
}

/** A gate as the registry shows it. */
export const gateRecord = (change: Partial<ServerRecord> = {}): ServerRecord => ({
  id: 'gate-1',
  type: 'gate',
  zone: 'z1',
  host: 'play.example',
  port: 3_250,
  state: 'ready',
  metadata: {},
  startedAtMs: 0,
  protocol: 1,
  ...change,
})
