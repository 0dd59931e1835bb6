import type { Etcd3 } from 'etcd3'
import type { Service } from '@hydra/protocol'
import type { Clock, Counter, Logger, Metrics, TlsMaterial } from '@hydra/runtime'
import { keepTrying } from '../keep-trying.ts'
import { ClusterView } from './cluster-view.ts'
import { EtcdAnnouncement, putAgainMaxMs } from './etcd-announcement.ts'
import { createEtcdClient } from './etcd-client.ts'
import { EtcdServers } from './etcd-servers.ts'
import { registryClosed } from './registry-errors.ts'
import { observeRegistry } from './registry-metrics.ts'
import type { Announcement, Registry, RegistryEvent, ServerRecord } from './registry.ts'
import { RevisionedView } from './revisioned-view.ts'

/** How to reach etcd and how long records live. */
export interface EtcdRegistryOptions {
  /** Members as `http://host:port`. */
  readonly hosts: readonly string[]
  readonly user?: string | undefined
  readonly password?: string | undefined
  /** Certificates in PEM, for members at `https://`. */
  readonly tls?: TlsMaterial | undefined
  /** Name of the cluster. */
  readonly env: string
  /** How long the record of a process that has died stays. */
  readonly leaseTtlSeconds: number
  /** How often everything is read again, besides the changes as they come. */
  readonly resyncMs: number
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** A number in [0, 1), for the jitter of retries: `Math.random`. */
  readonly random: () => number
  /** Ends the first connecting; an open registry is closed by {@link Registry.close}. */
  readonly signal?: AbortSignal
  /** Told why the first connecting has failed so far. */
  readonly onFailure?: (error: unknown) => void
}

/**
 * Reads the registry from etcd, trying for ever, and follows it.
 *
 * @throws the signal's reason once it is aborted.
 * @example
 * const registry = await openEtcdRegistry({ hosts: ['http://127.0.0.1:2379'], env: 'dev', leaseTtlSeconds: 5, resyncMs: 15_000, clock, log, metrics, random })
 */
export async function openEtcdRegistry(options: EtcdRegistryOptions): Promise<Registry> {
  const { hosts, clock, log, random, signal, onFailure } = options
  const client = createEtcdClient(options)
  const registry = new EtcdRegistry(client, options)
  try {
    await keepTrying(() => registry.start(), {
      backend: 'etcd',
      addresses: hosts,
      clock,
      log,
      random,
      ...(signal === undefined ? {} : { signal }),
      ...(onFailure === undefined ? {} : { onFailure }),
    })
    signal?.throwIfAborted()
  } catch (error) {
    await registry.close()
    throw error
  }
  log.info({ hosts }, 'connected to etcd')
  return registry
}

class EtcdRegistry implements Registry {
  readonly #client: Etcd3
  readonly #options: EtcdRegistryOptions
  readonly #view: ClusterView
  readonly #revisioned: RevisionedView
  readonly #servers: EtcdServers
  readonly #leaseLosses: Counter
  readonly #announcements = new Set<EtcdAnnouncement>()
  #closing: Promise<void> | undefined

  constructor(client: Etcd3, options: EtcdRegistryOptions) {
    const { env, leaseTtlSeconds, resyncMs, clock, log, metrics } = options
    this.#client = client
    this.#options = options
    this.#view = new ClusterView(log)
    this.#revisioned = new RevisionedView(this.#view, clock)
    this.#servers = new EtcdServers({
      client,
      env,
      view: this.#revisioned,
      graceMs: leaseTtlSeconds * 1_000 + putAgainMaxMs,
      resyncMs,
      clock,
      log,
      metrics,
    })
    this.#leaseLosses = metrics.counter({
      name: 'hydra_registry_lease_losses_total',
      help: 'Leases of own records that were lost and replaced.',
    })
    observeRegistry(metrics, this)
  }

  get connected(): boolean {
    return this.#closing === undefined && this.#servers.connected
  }

  start(): Promise<void> {
    return this.#servers.start()
  }

  async announce(server: ServerRecord): Promise<Announcement> {
    if (this.#closing !== undefined) throw registryClosed()
    const { env, leaseTtlSeconds, clock, log } = this.#options
    const announcement = new EtcdAnnouncement(server, {
      client: this.#client,
      env,
      leaseTtlSeconds,
      clock,
      log,
      leaseLosses: this.#leaseLosses,
      onPut: (record, modRevision) => this.#revisioned.put({ server: record, modRevision }),
      onEnd: () => this.#announcements.delete(announcement),
    })
    this.#announcements.add(announcement)
    await announcement.untilStanding()
    return announcement
  }

  list(type: Service): readonly ServerRecord[] {
    return this.#view.list(type)
  }

  get(id: string): ServerRecord | undefined {
    return this.#view.get(id)
  }

  watch(listener: (event: RegistryEvent) => void): () => void {
    return this.#view.watch(listener)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#announcements].map((announcement) => announcement.withdraw()))
    await this.#servers.close()
    this.#revisioned.close()
    this.#client.close()
  }
}
