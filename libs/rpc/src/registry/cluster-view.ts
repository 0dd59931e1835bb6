import type { Service } from '@hydra/protocol'
import type { Logger } from '@hydra/runtime'
import type { RegistryEvent, ServerRecord } from './registry.ts'

/** The servers as one process last saw them. Reading is cheap: it happens with each call. */
export class ClusterView {
  readonly #servers = new Map<string, ServerRecord>()
  readonly #byType = new Map<Service, readonly ServerRecord[]>()
  readonly #listeners = new Set<(event: RegistryEvent) => void>()
  readonly #log: Logger

  constructor(log: Logger) {
    this.#log = log
  }

  list(type: Service): readonly ServerRecord[] {
    let servers = this.#byType.get(type)
    if (servers === undefined) {
      servers = Object.freeze(
        [...this.#servers.values()]
          .filter((server) => server.type === type)
          .sort((a, b) => (a.id < b.id ? -1 : 1)),
      )
      this.#byType.set(type, servers)
    }
    return servers
  }

  get(id: string): ServerRecord | undefined {
    return this.#servers.get(id)
  }

  /** Ids of all servers. */
  ids(): readonly string[] {
    return [...this.#servers.keys()]
  }

  watch(listener: (event: RegistryEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Notes a record; the same one again changes nothing. */
  put(server: ServerRecord): void {
    const known = this.#servers.get(server.id)
    if (known !== undefined && sameRecord(known, server)) return
    this.#servers.set(server.id, server)
    this.#byType.delete(server.type)
    if (known !== undefined && known.type !== server.type) this.#byType.delete(known.type)
    this.#tell({ kind: known === undefined ? 'joined' : 'changed', server })
  }

  remove(id: string): void {
    const server = this.#servers.get(id)
    if (server === undefined) return
    this.#servers.delete(id)
    this.#byType.delete(server.type)
    this.#tell({ kind: 'left', server })
  }

  /** Makes the view equal to a complete reading, telling only what differs. */
  replaceAll(servers: readonly ServerRecord[]): void {
    const present = new Set(servers.map(({ id }) => id))
    for (const id of this.#servers.keys()) if (!present.has(id)) this.remove(id)
    for (const server of servers) this.put(server)
  }

  #tell(event: RegistryEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (err) {
        this.#log.error({ server: event.server.id, kind: event.kind, err }, 'a registry listener threw')
      }
    }
  }
}

const sameRecord = (a: ServerRecord, b: ServerRecord): boolean =>
  a === b || JSON.stringify(ordered(a)) === JSON.stringify(ordered(b))

const ordered = ({ metadata, ...record }: ServerRecord): unknown => [
  Object.entries(record).sort(byKey),
  Object.entries(metadata).sort(byKey),
]

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)
