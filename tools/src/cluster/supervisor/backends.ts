import { createMysqlDatabase } from '@hydra/persistence'
import {
  serverKinds,
  startKeptServer,
  TestServerError,
  type ServerKind,
  type TestServer,
} from '@hydra/testing'
import { serverTitles } from '../../test/backends.ts'
import { ClusterError } from '../cluster-error.ts'
import type { ClusterFolder } from '../cluster-folder.ts'
import type { BackendState } from '../cluster-state.ts'
import type { UpRequest } from '../messages.ts'
import { markOf } from '../process-mark.ts'
import type { BackendUrls } from './service-env.ts'

/** A server of the cluster: running, or how it ended. */
interface Entry {
  readonly server: TestServer
  state: BackendState
}

/** The MariaDB, Redis, NATS and etcd of a cluster: those that it starts, and those that were given by url. */
export class Backends {
  readonly #folder: ClusterFolder
  readonly #onChange: () => void
  readonly #entries = new Map<ServerKind, Entry>()
  /** Those whose process is there for the first time and not ready yet: should this one be killed, others end them. */
  readonly #starting = new Map<ServerKind, BackendState>()
  #given: UpRequest['given'] = {}
  #database = ''

  constructor(folder: ClusterFolder, onChange: () => void) {
    this.#folder = folder
    this.#onChange = onChange
  }

  get states(): readonly BackendState[] {
    return [...this.#starting.values(), ...[...this.#entries.values()].map(({ state }) => state)]
  }

  /** @throws ClusterError while one of them is not known */
  get urls(): BackendUrls {
    return {
      mysql: this.#databaseUrl(),
      redis: this.#url('redis'),
      nats: this.#url('nats'),
      etcd: this.#url('etcd'),
    }
  }

  /**
   * Starts those that are missing, starts again those that have ended, and makes the database.
   *
   * @throws ClusterError naming the server that does not start
   * @throws HydraError `STORAGE_UNAVAILABLE`
   */
  async start({ given, database, makesDatabase }: UpRequest, say: (text: string) => void): Promise<void> {
    this.#given = given
    this.#database = database
    const results = await Promise.allSettled(
      serverKinds.filter((kind) => given[kind] === undefined).map((kind) => this.#start(kind, say)),
    )
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    if (makesDatabase) await createMysqlDatabase(this.#databaseUrl())
  }

  /** Ends those that were started here. Their data stays. */
  async stop(): Promise<void> {
    await Promise.all(
      [...this.#entries.values()].map(async (entry) => {
        if (entry.server.pid === undefined) return
        this.#change(entry, { stage: 'draining' })
        await entry.server.stop()
      }),
    )
  }

  async #start(kind: ServerKind, say: (text: string) => void): Promise<void> {
    const known = this.#entries.get(kind)
    if (known?.server.pid !== undefined) return
    const begin = performance.now()
    try {
      if (known === undefined) await this.#startNew(kind, say)
      else {
        await known.server.restart()
        await this.#started(known)
      }
    } catch (error) {
      if (!(error instanceof TestServerError)) throw error
      throw new ClusterError(`${serverTitles[kind]}: ${error.message}`, undefined, { cause: error })
    }
    const { server } = this.#entries.get(kind) ?? {}
    const took = Math.round(performance.now() - begin)
    say(
      `${serverTitles[kind].padEnd(8)} ${server === undefined ? '' : plain(server.url)}, started in ${took} ms`,
    )
  }

  async #startNew(kind: ServerKind, say: (text: string) => void): Promise<void> {
    const startedAtMs = Date.now()
    let entry: Entry | undefined
    const server = await startKeptServer({
      kind,
      dir: this.#folder.dataDir,
      logFile: this.#folder.logFile(kind),
      onNote: say,
      onStart: (pid) => void this.#noteStart(kind, entry, pid),
      onExit: ({ pid, code, signal }) => {
        // One that ends before it is ready shows as a failure of its start.
        if (this.#starting.get(kind)?.pid === pid) this.#starting.delete(kind)
        if (entry?.state.pid !== pid) return
        this.#change(entry, { stage: 'exited', exit: { code, signal, atMs: Date.now() } })
      },
    })
    const { pid = 0, url, ports } = server
    entry = { server, state: { name: kind, pid, startedAtMs, stage: 'ready', url, ports: [...ports] } }
    this.#entries.set(kind, entry)
    this.#starting.delete(kind)
    await this.#started(entry)
  }

  async #noteStart(kind: ServerKind, entry: Entry | undefined, pid: number): Promise<void> {
    if (entry !== undefined) {
      const { exit: _exit, mark: _mark, ...rest } = entry.state
      entry.state = { ...rest, pid, startedAtMs: Date.now(), stage: 'starting' }
    } else {
      this.#starting.set(kind, {
        name: kind,
        pid,
        startedAtMs: Date.now(),
        stage: 'starting',
        ports: [],
        url: '',
      })
    }
    this.#onChange()
    const mark = await markOf(pid)
    const known = this.#starting.get(kind)
    if (mark === undefined) return
    if (entry?.state.pid === pid) this.#change(entry, { mark })
    else if (known?.pid === pid) {
      this.#starting.set(kind, { ...known, mark })
      this.#onChange()
    }
  }

  async #started(entry: Entry): Promise<void> {
    const { pid } = entry.server
    if (pid === undefined) return
    const { exit: _exit, mark: _mark, ...rest } = entry.state
    entry.state = { ...rest, pid, startedAtMs: Date.now(), stage: 'ready' }
    this.#onChange()
    const mark = await markOf(pid)
    if (mark !== undefined && entry.state.pid === pid) this.#change(entry, { mark })
  }

  #change(entry: Entry, change: Partial<BackendState>): void {
    entry.state = { ...entry.state, ...change }
    this.#onChange()
  }

  #url(kind: ServerKind): string {
    const url = this.#given[kind] ?? this.#entries.get(kind)?.server.url
    if (url === undefined) throw new ClusterError(`${serverTitles[kind]} does not run.`)
    return url
  }

  #databaseUrl(): string {
    const url = new URL(this.#url('mysql'))
    if (url.pathname === '/' || url.pathname === '') url.pathname = `/${this.#database}`
    return url.href
  }
}

/** Without user and password. */
function plain(text: string): string {
  const url = new URL(text)
  return `${url.protocol}//${url.host}`
}
