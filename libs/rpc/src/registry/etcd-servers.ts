import type { Etcd3, IKeyValue, Watcher } from 'etcd3'
import {
  createSparseLog,
  delay,
  type Clock,
  type Counter,
  type Logger,
  type Metrics,
  type SparseLog,
  type Timer,
} from '@hydra/runtime'
import { within } from '../within.ts'
import type { RevisionedServer, RevisionedView } from './revisioned-view.ts'
import { decodeServer, idOfKey, serversPrefix } from './server-key.ts'

/** What following the servers needs. */
export interface EtcdServersOptions {
  readonly client: Etcd3
  readonly env: string
  readonly view: RevisionedView
  /** How long a server may take to put its record again after an outage. */
  readonly graceMs: number
  readonly resyncMs: number
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

const retryMs = 1_000
const closeTimeoutMs = 1_000

/** Keeps a view equal to what stands in etcd: a complete reading, then each change, and readings now and then. */
export class EtcdServers {
  readonly #options: EtcdServersOptions
  readonly #warn: SparseLog
  readonly #resyncs: Counter
  #watcher: Watcher | undefined
  #watching = false
  #readable = false
  #reading = false
  #readAgain = false
  #timer: Timer | undefined
  #retry: Timer | undefined
  #closed = false

  constructor(options: EtcdServersOptions) {
    this.#options = options
    this.#warn = createSparseLog(options.log, options.clock)
    this.#resyncs = options.metrics.counter({
      name: 'hydra_registry_readings_total',
      help: 'Complete readings of the registry, by result.',
      labels: ['result'],
      known: [{ result: 'ok' }, { result: 'failed' }],
    })
  }

  /** Whether changes arrive as they happen. */
  get connected(): boolean {
    return this.#watching && this.#readable
  }

  /** Reads everything once and follows it from there. @throws Error of etcd3 when it cannot be read. */
  async start(): Promise<void> {
    await this.#read()
    this.#readable = true
    this.#watching = true
    this.#watch()
    this.#timer = this.#options.clock.every(this.#options.resyncMs, () => void this.#resync())
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    this.#retry?.cancel()
    const watcher = this.#watcher
    this.#watcher = undefined
    this.#watching = false
    if (watcher !== undefined) await this.#cancel(watcher)
  }

  #watch(): void {
    const { client, env, view, graceMs, log } = this.#options
    // A namespace of its own has a stream of its own: etcd3 uses one that etcd has refused a watch on never again, so
    // that later watches would wait for ever; and the login of a stream stays that of its beginning.
    const watcher = client
      .namespace('')
      .watch()
      .prefix(serversPrefix(env))
      .startRevision(String(view.newestRevision + 1))
      .watcher()
    this.#watcher = watcher
    const current = () => watcher === this.#watcher
    watcher.on('put', (entry) => void (current() && this.#put(entry)))
    watcher.on('delete', (entry) => {
      if (current()) view.remove(idOfKey(entry.key.toString()), Number(entry.mod_revision))
    })
    watcher.on('connected', () => {
      if (!current()) return
      if (!this.#watching) {
        this.#watching = true
        log.info({}, 'reconnected to etcd')
        view.doubtDepartures(graceMs)
      }
      // Events may have been lost between the last one seen and this connection.
      void this.#resync()
    })
    watcher.on('disconnected', (err) => {
      if (!current() || !this.#watching) return
      this.#watching = false
      log.warn({ err }, 'lost the connection to etcd, going on with the servers last seen')
    })
    watcher.on('error', (err) => {
      if (!current()) return
      log.warn({ err }, 'etcd has ended the watch of the registry, starting another')
      // There is nothing left to cancel but the stream.
      this.#watcher = undefined
      endStream(watcher)
      void this.#watchAnew()
    })
  }

  /** Replaces the watch: etcd has compacted away where it stood, or counts its revisions anew. */
  async #watchAnew(): Promise<void> {
    const { clock, view, graceMs } = this.#options
    const former = this.#watcher
    this.#watcher = undefined
    this.#watching = false
    view.doubtDepartures(graceMs)
    if (former !== undefined) await this.#cancel(former)
    await this.#resync()
    // An etcd that answers watches but no readings would otherwise be asked without pause.
    if (!this.#readable) await delay(clock, retryMs)
    if (!this.#closed && this.#watcher === undefined) this.#watch()
  }

  async #resync(): Promise<void> {
    if (this.#closed) return
    if (this.#reading) {
      this.#readAgain = true
      return
    }
    this.#reading = true
    try {
      do {
        this.#readAgain = false
        const continuous = await this.#read()
        this.#readable = true
        this.#resyncs.inc({ result: 'ok' })
        if (!continuous) {
          this.#options.log.warn({}, 'etcd counts its revisions anew, it has lost its data')
          void this.#watchAnew()
        }
      } while (this.#readAgain)
    } catch (err) {
      this.#readable = false
      this.#resyncs.inc({ result: 'failed' })
      if (!this.#closed) {
        this.#warn({ err }, 'the registry cannot be read from etcd')
        this.#retry?.cancel()
        this.#retry = this.#options.clock.after(retryMs, () => void this.#resync())
      }
    } finally {
      this.#reading = false
    }
  }

  async #read(): Promise<boolean> {
    const { client, env, view, graceMs } = this.#options
    const atLeast = view.newestRevision
    const { header, kvs } = await client.getAll().prefix(serversPrefix(env)).exec()
    if (this.#closed) return true
    if (this.#watcher !== undefined && !this.#watching) view.doubtDepartures(graceMs)
    const servers = kvs.map((entry) => this.#decode(entry)).filter((server) => server !== undefined)
    const ids = kvs.map(({ key }) => idOfKey(key.toString()))
    return view.read(servers, ids, Number(header.revision), atLeast)
  }

  #put(entry: IKeyValue): void {
    const server = this.#decode(entry)
    if (server !== undefined) this.#options.view.put(server)
  }

  #decode({ key, value, mod_revision: modRevision }: IKeyValue): RevisionedServer | undefined {
    try {
      const server = decodeServer(this.#options.env, key.toString(), value.toString())
      return { server, modRevision: Number(modRevision) }
    } catch (err) {
      this.#warn({ err }, 'a registry entry was left out')
      return undefined
    }
  }

  async #cancel(watcher: Watcher): Promise<void> {
    const { clock, log } = this.#options
    try {
      await within(clock, closeTimeoutMs, watcher.cancel(), () => new Error('etcd did not answer in time'))
    } catch (err) {
      log.debug({ err }, 'a watch of the registry could not be cancelled')
    }
  }
}

/** etcd3 keeps the stream of a watch that has ended by itself, and does not type it. */
function endStream(watcher: Watcher): void {
  const { manager } = watcher as unknown as { readonly manager?: { readonly stream?: { cancel(): void } } }
  manager?.stream?.cancel()
}
