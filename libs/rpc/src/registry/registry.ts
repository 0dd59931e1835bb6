import type { Service } from '@hydra/protocol'

/** One running server, as everybody in the cluster sees it. */
export interface ServerRecord {
  /** Unique per process start. */
  readonly id: string
  readonly type: Service
  readonly zone: string
  /** Where it can be reached from outside the cluster, for gates and http; else the machine's name. */
  readonly host: string
  readonly port?: number
  /** A draining server finishes what it has and gets nothing new. */
  readonly state: 'ready' | 'draining'
  readonly metadata: Readonly<Record<string, string>>
  readonly startedAtMs: number
  /** Version of the internal protocol, for rolling upgrades. */
  readonly protocol: number
}

/** What changed in the view of the cluster. */
export type RegistryEvent =
  | { readonly kind: 'joined'; readonly server: ServerRecord }
  | { readonly kind: 'changed'; readonly server: ServerRecord }
  | { readonly kind: 'left'; readonly server: ServerRecord }

/** An own record that is kept alive until it is withdrawn. */
export interface Announcement {
  /**
   * Publishes a new version of the record.
   *
   * @throws HydraError `STORAGE_UNAVAILABLE` when that takes too long, the change then follows by itself;
   * `SHUTTING_DOWN` when the record was withdrawn, or another process start has put its own.
   */
  update(change: Partial<Pick<ServerRecord, 'state' | 'metadata'>>): Promise<void>
  /**
   * Removes the record; never one that another process start has put there. While etcd is away it gives up soon and
   * leaves the record to the end of its lease.
   */
  withdraw(): Promise<void>
}

/**
 * Who is alive. The two drivers are etcd (lease, keep-alive, watch) and an in-process one; both pass
 * `registry.contract.ts`. Reading never waits: it answers from a local view, which outlives an outage of etcd.
 */
export interface Registry {
  /** Whether the view is being kept up to date right now. */
  readonly connected: boolean
  /**
   * Puts the record and keeps it alive. Resolves when others can see it, which may take as long as etcd is away.
   *
   * @throws HydraError `SHUTTING_DOWN` when the registry is closed.
   */
  announce(server: ServerRecord): Promise<Announcement>
  /** The servers of a type, ordered by id; draining ones included. The same array until one of them changes. */
  list(type: Service): readonly ServerRecord[]
  get(id: string): ServerRecord | undefined
  /** Calls back at each change of the view; returns how to stop that. */
  watch(listener: (event: RegistryEvent) => void): () => void
  /** Withdraws what was announced here and stops watching. */
  close(): Promise<void>
}

/** Version of what servers say to each other; grows when a rolling upgrade has to tell old and new apart. */
export const internalProtocol = 1
