import type { Clock, Timer } from '@hydra/runtime'
import type { ClusterView } from './cluster-view.ts'
import type { ServerRecord } from './registry.ts'

/** A record as it was read, with the revision of etcd that last changed it. */
export interface RevisionedServer {
  readonly server: ServerRecord
  readonly modRevision: number
}

/**
 * Brings a view up to date from sources that overtake each other: watch events, complete readings and own writes.
 * What is older than what a record already shows is left out, whichever way it comes.
 *
 * After an outage of etcd all leases may have run out although every server is well and about to put its record
 * again. Departures seen within a grace after such an outage are therefore held back, and forgotten when the server
 * comes back: the cluster plays on.
 */
export class RevisionedView {
  readonly #view: ClusterView
  readonly #clock: Clock
  /** Newest revision that was applied to an id, for ids in the view and those removed since the last reading. */
  readonly #revisions = new Map<string, number>()
  readonly #departing = new Map<string, Timer>()
  #newest = 0
  #doubtUntilMs = 0

  constructor(view: ClusterView, clock: Clock) {
    this.#view = view
    this.#clock = clock
  }

  /** The newest revision seen. */
  get newestRevision(): number {
    return this.#newest
  }

  /** Holds departures back from now on for `graceMs`. */
  doubtDepartures(graceMs: number): void {
    this.#doubtUntilMs = this.#clock.monotonicMs() + graceMs
  }

  put({ server, modRevision }: RevisionedServer): void {
    if (!this.#advance(server.id, modRevision)) return
    this.#departing.get(server.id)?.cancel()
    this.#departing.delete(server.id)
    this.#view.put(server)
  }

  remove(id: string, modRevision: number): void {
    if (this.#advance(id, modRevision)) this.#depart(id)
  }

  /**
   * Applies a complete reading. `atLeast` is {@link newestRevision} from before it was asked for.
   *
   * @returns false when the reading is older than that: etcd has lost its data and counts anew. The reading is
   * applied, and whoever watches must start again.
   */
  read(
    servers: readonly RevisionedServer[],
    ids: readonly string[],
    revision: number,
    atLeast: number,
  ): boolean {
    const continuous = revision >= atLeast
    if (!continuous) {
      this.#revisions.clear()
      this.#newest = 0
    }
    this.#newest = Math.max(this.#newest, revision)
    for (const server of servers) this.put(server)
    const present = new Set(ids)
    for (const id of this.#view.ids()) {
      if (present.has(id) || (this.#revisions.get(id) ?? 0) > revision) continue
      this.#revisions.delete(id)
      this.#depart(id)
    }
    for (const [id, known] of this.#revisions) {
      if (known <= revision && this.#view.get(id) === undefined) this.#revisions.delete(id)
    }
    return continuous
  }

  /** Stops the timers of departures that are held back. */
  close(): void {
    for (const timer of this.#departing.values()) timer.cancel()
    this.#departing.clear()
  }

  #advance(id: string, modRevision: number): boolean {
    if (modRevision <= (this.#revisions.get(id) ?? 0)) return false
    this.#revisions.set(id, modRevision)
    this.#newest = Math.max(this.#newest, modRevision)
    return true
  }

  #depart(id: string): void {
    if (this.#view.get(id) === undefined || this.#departing.has(id)) return
    const leftMs = this.#doubtUntilMs - this.#clock.monotonicMs()
    if (leftMs <= 0) {
      this.#view.remove(id)
      return
    }
    this.#departing.set(
      id,
      this.#clock.after(leftMs, () => {
        this.#departing.delete(id)
        this.#view.remove(id)
      }),
    )
  }
}
