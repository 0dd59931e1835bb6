import { silentLogger, type Logger, type Metrics } from '@hydra/runtime'
import { ClusterView } from './cluster-view.ts'
import { notAnnounced, registryClosed } from './registry-errors.ts'
import { observeRegistry } from './registry-metrics.ts'
import type { Announcement, Registry, RegistryEvent, ServerRecord } from './registry.ts'

/** What all memory registries of one process have in common: it stands where etcd stands in a real cluster. */
export class MemoryRegistryHub {
  readonly #records = new Map<string, { readonly owner: object; readonly server: ServerRecord }>()
  readonly #views = new Set<ClusterView>()

  /** @internal Makes a view that shows what all registries of the hub announce. */
  attach(view: ClusterView): () => void {
    this.#views.add(view)
    for (const { server } of this.#records.values()) view.put(server)
    return () => void this.#views.delete(view)
  }

  /** @internal Puts a record, taking the place of any other owner's. */
  put(owner: object, server: ServerRecord): void {
    this.#records.set(server.id, { owner, server })
    for (const view of this.#views) view.put(server)
  }

  /** @internal Whether a record is still this owner's. */
  owns(owner: object, id: string): boolean {
    return this.#records.get(id)?.owner === owner
  }

  /** @internal Removes a record if it is still this owner's. */
  remove(owner: object, id: string): void {
    if (!this.owns(owner, id)) return
    this.#records.delete(id)
    for (const view of this.#views) view.remove(id)
  }
}

/** What a memory registry can be given. */
export interface MemoryRegistryOptions {
  /** Registries on one hub see each other; a hub of its own when absent. */
  readonly hub?: MemoryRegistryHub
  readonly log?: Logger
  readonly metrics?: Metrics
}

/**
 * The registry of a single process.
 *
 * @example
 * const hub = new MemoryRegistryHub()
 * const ofGate = createMemoryRegistry({ hub })
 * const ofGame = createMemoryRegistry({ hub })
 */
export function createMemoryRegistry(options: MemoryRegistryOptions = {}): Registry {
  const registry = new MemoryRegistry(options.hub ?? new MemoryRegistryHub(), options.log ?? silentLogger)
  if (options.metrics !== undefined) observeRegistry(options.metrics, registry)
  return registry
}

class MemoryRegistry implements Registry {
  readonly #hub: MemoryRegistryHub
  readonly #view: ClusterView
  readonly #detach: () => void
  readonly #announcements = new Set<Announcement>()
  #closed = false

  constructor(hub: MemoryRegistryHub, log: Logger) {
    this.#hub = hub
    this.#view = new ClusterView(log)
    this.#detach = hub.attach(this.#view)
  }

  get connected(): boolean {
    return !this.#closed
  }

  announce(server: ServerRecord): Promise<Announcement> {
    if (this.#closed) return Promise.reject(registryClosed())
    const owner = {}
    let current: ServerRecord | undefined = Object.freeze({ ...server })
    this.#hub.put(owner, current)
    const announcement: Announcement = {
      update: (change) => {
        if (current === undefined || !this.#hub.owns(owner, server.id))
          return Promise.reject(notAnnounced(server.id))
        current = Object.freeze({ ...current, ...change })
        this.#hub.put(owner, current)
        return Promise.resolve()
      },
      withdraw: () => {
        current = undefined
        this.#announcements.delete(announcement)
        this.#hub.remove(owner, server.id)
        return Promise.resolve()
      },
    }
    this.#announcements.add(announcement)
    return Promise.resolve(announcement)
  }

  list(type: ServerRecord['type']): readonly ServerRecord[] {
    return this.#view.list(type)
  }

  get(id: string): ServerRecord | undefined {
    return this.#view.get(id)
  }

  watch(listener: (event: RegistryEvent) => void): () => void {
    return this.#view.watch(listener)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const announcement of this.#announcements) await announcement.withdraw()
    this.#detach()
  }
}
