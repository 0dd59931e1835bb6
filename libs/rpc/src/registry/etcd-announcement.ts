import { EtcdLeaseInvalidError, type Etcd3, type Lease } from 'etcd3'
import { HydraError } from '@hydra/protocol'
import { delay, type Clock, type Counter, type Logger } from '@hydra/runtime'
import { within } from '../within.ts'
import { etcdReconnectMaxMs, etcdRequestTimeoutMs } from './etcd-client.ts'
import { notAnnounced } from './registry-errors.ts'
import type { Announcement, ServerRecord } from './registry.ts'
import { encodeServer, serverKey } from './server-key.ts'

/** What keeping a record alive needs. */
export interface EtcdAnnouncementOptions {
  readonly client: Etcd3
  readonly env: string
  readonly leaseTtlSeconds: number
  readonly clock: Clock
  readonly log: Logger
  readonly leaseLosses: Counter
  /** Told of each version that stands in etcd. */
  readonly onPut: (server: ServerRecord, modRevision: number) => void
  /** Called once, when the record is withdrawn or superseded. */
  readonly onEnd: () => void
}

interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: HydraError) => void
}

const firstRetryMs = 100
const maxRetryMs = 1_000
/**
 * How long after the return of etcd a server may be about to put its record again, besides its lease: it finds out at
 * the next keep-alive, then waits for the connection, for its own next attempt, and for an attempt that goes nowhere.
 */
export const putAgainMaxMs = 1.2 * etcdReconnectMaxMs + maxRetryMs + etcdRequestTimeoutMs

const updateTimeoutMs = 3_000
const withdrawTimeoutMs = 2_000

/**
 * A record in etcd under a lease that the client keeps alive. One loop makes what stands in etcd equal to what is
 * wanted, whatever made them differ: the first announcement, an update, a lease that was lost.
 */
export class EtcdAnnouncement implements Announcement {
  readonly #options: EtcdAnnouncementOptions
  readonly #key: string
  readonly #ended = new AbortController()
  readonly #waiters = new Set<Waiter>()
  /** Leases under which the entry may stand and still be ours. */
  readonly #ownLeaseIds = new Set<string>()
  #wanted: ServerRecord
  #standing: ServerRecord | undefined
  #stoodBefore = false
  #lease: Lease | undefined
  #looping = false
  #loopEnd: Promise<void> = Promise.resolve()
  #withdrawn: Promise<void> | undefined

  constructor(server: ServerRecord, options: EtcdAnnouncementOptions) {
    this.#wanted = server
    this.#key = serverKey(options.env, server)
    this.#options = options
  }

  /** Resolves once what is wanted now stands in etcd. @throws HydraError `SHUTTING_DOWN` when it is withdrawn. */
  untilStanding(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#ended.signal.aborted) return reject(notAnnounced(this.#wanted.id))
      this.#waiters.add({ resolve, reject })
      this.#reconcile()
    })
  }

  update(change: Partial<Pick<ServerRecord, 'state' | 'metadata'>>): Promise<void> {
    this.#wanted = { ...this.#wanted, ...change }
    return within(this.#options.clock, updateTimeoutMs, this.untilStanding(), () => {
      const message = `etcd did not take the record of ${this.#wanted.id} in ${updateTimeoutMs} ms; it follows later.`
      return new HydraError('STORAGE_UNAVAILABLE', message)
    })
  }

  withdraw(): Promise<void> {
    this.#withdrawn ??= this.#withdraw()
    return this.#withdrawn
  }

  async #withdraw(): Promise<void> {
    const { clock, log, leaseTtlSeconds } = this.#options
    this.#end()
    try {
      await within(clock, withdrawTimeoutMs, this.#revoke(), () => new Error('etcd did not answer in time'))
    } catch (err) {
      log.warn({ err, key: this.#key, leaseTtlSeconds }, 'the record stays in etcd until its lease runs out')
    }
  }

  /** Deletes the entry if it still stands under our lease: never one that another process start has put since. */
  async #revoke(): Promise<void> {
    this.#lease?.release()
    await this.#loopEnd
    await this.#lease?.revoke()
  }

  #end(): void {
    if (this.#ended.signal.aborted) return
    this.#ended.abort()
    for (const { reject } of this.#waiters) reject(notAnnounced(this.#wanted.id))
    this.#waiters.clear()
    this.#options.onEnd()
  }

  #reconcile(): void {
    if (this.#looping || this.#ended.signal.aborted) return
    this.#looping = true
    this.#loopEnd = this.#loop()
  }

  async #loop(): Promise<void> {
    const { clock, log } = this.#options
    const { signal } = this.#ended
    let retryMs = firstRetryMs
    while (!signal.aborted && this.#standing !== this.#wanted) {
      try {
        await this.#put(this.#wanted)
        retryMs = firstRetryMs
      } catch (err) {
        log.warn({ err, key: this.#key, retryMs }, 'the record could not be put into etcd, trying again')
        await delay(clock, retryMs, signal).catch(() => undefined)
        retryMs = Math.min(retryMs * 2, maxRetryMs)
      }
    }
    this.#looping = false
    for (const { resolve } of this.#waiters) resolve()
    this.#waiters.clear()
  }

  async #put(server: ServerRecord): Promise<void> {
    const lease = this.#lease ?? (await this.#grant())
    const leaseId = await lease.grant()
    try {
      const revision = this.#stoodBefore
        ? await this.#putOverOwn(server, leaseId)
        : await this.#putOver(server, leaseId)
      if (revision === undefined) return
      this.#ownLeaseIds.clear()
      this.#ownLeaseIds.add(leaseId)
      this.#stoodBefore = true
      // The lease may have been lost while the answer was on its way.
      if (this.#lease === lease) this.#standing = server
      this.#options.onPut(server, revision)
    } catch (error) {
      if (error instanceof EtcdLeaseInvalidError) this.#lose(lease, error)
      throw error
    }
  }

  async #grant(): Promise<Lease> {
    const lease = this.#options.client.lease(this.#options.leaseTtlSeconds)
    // The client reports a loss now and then twice, and does not make a new lease.
    lease.on('lost', (error) => this.#lose(lease, error))
    this.#ownLeaseIds.add(await lease.grant())
    this.#lease = lease
    return lease
  }

  #lose(lease: Lease, err: Error): void {
    if (lease !== this.#lease || this.#ended.signal.aborted) return
    lease.release()
    this.#lease = undefined
    this.#standing = undefined
    this.#options.leaseLosses.inc()
    this.#options.log.warn({ err, key: this.#key }, 'the lease of the record was lost, getting another')
    this.#reconcile()
  }

  /** Puts the record whatever stands there: a process start takes its id for itself. */
  async #putOver(server: ServerRecord, leaseId: string): Promise<number> {
    const { client } = this.#options
    const { header } = await client.put(this.#key).value(encodeServer(server)).lease(leaseId).exec()
    return Number(header.revision)
  }

  /** Puts the record again unless another process start has put its own meanwhile; that ends this announcement. */
  async #putOverOwn(server: ServerRecord, leaseId: string): Promise<number | undefined> {
    const { client, log } = this.#options
    const [entry] = (await client.get(this.#key).exec()).kvs
    if (entry !== undefined && !this.#ownLeaseIds.has(entry.lease)) {
      log.error({ key: this.#key }, 'another process start has announced itself under this id')
      this.#lease?.release()
      this.#end()
      return undefined
    }
    const { succeeded, header } = await client
      .if(this.#key, 'Mod', '==', Number(entry?.mod_revision ?? 0))
      .then(client.put(this.#key).value(encodeServer(server)).lease(leaseId))
      .commit()
    if (!succeeded) throw new Error('the registry entry was changed at the same moment')
    return Number(header.revision)
  }
}
