import { HydraError } from '@hydra/protocol'
import { createMetrics, ManualClock, silentLogger } from '@hydra/runtime'
import { expect } from 'vitest'
import type { Database } from '../database/database.ts'
import type { Roles } from '../repositories/roles.ts'
import { createRoles } from '../repositories/sql-roles.ts'
import type { RoleSnapshot } from '../role-snapshot.ts'
import { createMemoryRoleJournal } from '../stores/memory-role-journal.ts'
import type { RoleJournal } from '../stores/role-journal.ts'
import { createRoleQueue } from '../role-queue/create-role-queue.ts'
import { recoverRoles } from '../role-queue/recover-roles.ts'
import { roleQueueConfigSchema } from '../role-queue/role-queue-config.ts'
import type { RoleQueue } from '../role-queue/role-queue.ts'
import { FlakyCalls } from './flaky.ts'
import { MortalClock } from './mortal-clock.ts'
import { modelSnapshot, note, updatesOf } from './model-roles.ts'
import { RoleOracle, type Event } from './role-oracle.ts'
import { settle } from './role-queue-bench.ts'

/** A role as one server holds it. */
interface HeldRole {
  readonly epoch: number
  /** Of the newest snapshot handed to the queue. */
  lastVersion: number
  /** Updates that the role's state has in it, by their unique numbers. */
  updates: readonly number[]
}

/** A game server with a network of its own. */
export interface Server {
  id: string
  queue: RoleQueue
  calls: FlakyCalls
  clock: MortalClock
  /** Epochs under which a role was acquired but not loaded yet. */
  acquired: Map<string, { readonly epoch: number; readonly snapshot: RoleSnapshot | undefined }>
  roles: Map<string, HeldRole>
  /** Updates that this server acknowledged. */
  acknowledged: Map<string, number[]>
  /** Updates that this server was asked to take. */
  pushed: Map<string, number[]>
  /** Promises that were handed out and not settled yet. */
  open: number
}

const config = roleQueueConfigSchema.parse({
  flushIntervalMs: 100,
  flushBatchMax: 2,
  journalBatchMax: 2,
  dirtyMax: 3,
})
const metrics = createMetrics({ service: 'test' })

/** Roles, their stores, two servers, and what must hold between them. */
export class World {
  readonly clock = new ManualClock()
  readonly journal: RoleJournal = createMemoryRoleJournal({ clock: this.clock })
  readonly roles: Roles
  readonly rids: readonly string[]
  readonly servers: [Server, Server]
  /** What processes that are dead have sent and what has not arrived yet. */
  readonly #ghosts: FlakyCalls[] = []
  /** The first thing that went wrong where nobody awaits it. */
  #failure: unknown
  readonly #oracle: RoleOracle
  readonly #count: (event: Event) => void
  #updates = 0
  #starts = 0

  constructor(database: Database, rids: readonly string[], count: (event: Event) => void) {
    this.#oracle = new RoleOracle(database, this.journal, rids)
    this.roles = createRoles(database, { clock: this.clock })
    this.rids = rids
    this.#count = count
    this.servers = [this.#start(), this.#start()]
  }

  #start(): Server {
    const calls = new FlakyCalls()
    const clock = new MortalClock(this.clock)
    const server: Server = {
      id: `game-${++this.#starts}`,
      calls,
      clock,
      acquired: new Map(),
      roles: new Map(),
      acknowledged: new Map(),
      pushed: new Map(),
      open: 0,
      queue: createRoleQueue({
        journal: calls.wrap('journal', this.journal),
        roles: calls.wrap('roles', {
          saveAll: (batch: readonly RoleSnapshot[]) => this.roles.saveAll(batch),
        }),
        clock,
        log: silentLogger,
        metrics,
        random: () => 0.5,
        config,
        onFenced: (rid, epoch) => this.#fenced(server, rid, epoch),
      }),
    }
    return server
  }

  rid(role: number): string {
    return this.rids[role % this.rids.length] ?? ''
  }

  /** Creates the roles. */
  async prepare(): Promise<void> {
    for (const rid of this.rids) {
      await this.roles.create(modelSnapshot(rid, 0, 0, []), { maxPerAccount: Number.MAX_SAFE_INTEGER })
    }
  }

  /** Changes a role where it was owned last. */
  push(rid: string, undoOnFailure: boolean): void {
    const server = this.ownerOf(rid)
    const role = server?.roles.get(rid)
    if (server === undefined || role === undefined) return
    const update = ++this.#updates
    role.updates = [...role.updates, update]
    note(server.pushed, rid, update)
    const snapshot = modelSnapshot(rid, role.epoch, ++role.lastVersion, role.updates)
    const push = async () => {
      try {
        await server.queue.push(snapshot)
      } catch (error) {
        const { code } = HydraError.from(error)
        expect(['STORAGE_UNAVAILABLE', 'SERVER_BUSY', 'ROLE_ELSEWHERE']).toContain(code)
        this.#count(code === 'ROLE_ELSEWHERE' ? 'fenced' : 'rejected')
        if (code === 'ROLE_ELSEWHERE') this.#fenced(server, rid, snapshot.epoch)
        // Either way the next version is a new one.
        if (undoOnFailure) role.updates = role.updates.filter((number) => number !== update)
        return
      }
      this.#count('acknowledged')
      this.#oracle.acknowledge(rid, update)
      note(server.acknowledged, rid, update)
    }
    this.#track(server, push())
  }

  /** The server that owns a role, or believes so: one of two that do. */
  ownerOf(rid: string): Server | undefined {
    return this.servers.find(({ roles }) => roles.has(rid))
  }

  /** Makes a server the owner, whoever owns it now. */
  async own(server: Server, rid: string): Promise<void> {
    await this.acquire(server, rid)
    await this.load(server, rid)
  }

  /** The first half of {@link own}. */
  async acquire(server: Server, rid: string): Promise<void> {
    if (!server.acquired.has(rid)) {
      const known = await this.journal.acquire(rid, server.id)
      const owner = known.owned ? server.id : known.owner
      const answer = known.owned ? known : await this.journal.acquire(rid, server.id, { replaces: owner })
      if (!answer.owned) return expect.fail('a replaced owner keeps a role')
      if (!known.owned) this.#count('taken over')
      server.acquired.set(rid, answer)
    }
  }

  /** The second half of {@link own}. */
  async load(server: Server, rid: string): Promise<void> {
    const acquired = server.acquired.get(rid)
    if (acquired === undefined) return
    server.acquired.delete(rid)
    try {
      const loaded = await this.roles.takeOver(
        rid,
        { owner: server.id, epoch: acquired.epoch, isGone: () => true },
        acquired.snapshot,
      )
      this.#oracle.holds(rid, loaded, 'what a new owner loads')
      server.queue.forget(rid)
      server.roles.set(rid, {
        epoch: acquired.epoch,
        lastVersion: loaded?.version ?? 0,
        updates: updatesOf(loaded),
      })
    } catch (error) {
      expect(error).toMatchObject({ code: 'ROLE_ELSEWHERE' })
    }
  }

  /** Flushes a role; when that resolves, the database must have what was pushed before and not rejected. */
  flush(rid: string): void {
    const server = this.ownerOf(rid) ?? this.servers[0]
    const before = new Set(server.pushed.get(rid))
    const flush = async () => {
      try {
        await server.queue.flush(rid)
      } catch (error) {
        expect(['STORAGE_UNAVAILABLE', 'ROLE_ELSEWHERE']).toContain(HydraError.from(error).code)
        return
      }
      this.#count('flushed')
      const needed = (server.acknowledged.get(rid) ?? []).filter((update) => before.has(update))
      const stored = await this.roles.find(rid)
      expect(updatesOf(stored), 'the database after a flush').toEqual(expect.arrayContaining(needed))
    }
    this.#track(server, flush())
  }

  /** Saves and gives a role up, as an actor does that ends. */
  leave(rid: string): void {
    const server = this.ownerOf(rid)
    const role = server?.roles.get(rid)
    if (server === undefined || role === undefined) return
    const { epoch, lastVersion } = role
    const release = async () => {
      await server.queue.flush(rid)
      // A change that came meanwhile belongs to a role that does not leave after all.
      if (server.roles.get(rid)?.lastVersion !== lastVersion) return
      if (!(await this.journal.release(rid, epoch))) return
      this.#count('released')
      server.roles.delete(rid)
    }
    this.#track(
      server,
      release().catch((error: unknown) => {
        expect(['STORAGE_UNAVAILABLE', 'ROLE_ELSEWHERE']).toContain(HydraError.from(error).code)
      }),
    )
  }

  /** SIGKILL and a new process. What was acknowledged must not go with it. */
  crash(index: 0 | 1, keepsArriving: boolean): void {
    const { calls, clock } = this.servers[index]
    clock.die()
    calls.die(keepsArriving)
    this.#ghosts.push(calls)
    this.#count('crashed')
    this.servers[index] = this.#start()
  }

  /** A call that its caller has given up arrives: of a process that is dead, or of this one. */
  async arriveLate(index: 0 | 1, call: number): Promise<void> {
    const calls = [...this.#ghosts, this.servers[index].calls].find(({ late }) => late > 0)
    await calls?.arriveLate(call)
  }

  async recover(): Promise<void> {
    const alive = new Set(this.servers.map(({ id }) => id))
    const recovered = await recoverRoles({
      owner: this.servers[0].id,
      journal: this.journal,
      roles: this.roles,
      isGone: (id) => !alive.has(id),
      log: silentLogger,
    })
    if (recovered !== undefined && recovered.saved > 0) this.#count('recovered')
  }

  /** What must hold after each step. */
  async check(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    await this.#oracle.check()
  }

  /** Everything works again: in the end the database has all and nobody waits. */
  async heal(): Promise<void> {
    for (const { calls } of this.servers) {
      calls.mode = 'up'
      while (calls.waiting > 0) await calls.decide(0, 'answer')
    }
    for (let round = 0; round < 50; round++) {
      await settle()
      this.clock.advance(config.retryMaxMs)
      await settle()
      if (this.servers.every(({ queue, open }) => queue.dirty === 0 && open === 0)) break
    }
    for (const { calls } of this.servers) while (calls.late > 0) await calls.arriveLate(0)
    for (const ghost of this.#ghosts) while (ghost.late > 0) await ghost.arriveLate(0)
    await recoverRoles({
      owner: 'game-last',
      journal: this.journal,
      roles: this.roles,
      isGone: () => true,
      log: silentLogger,
    })
    await this.check()
    await this.#oracle.checkEnd()
    for (const { queue, open } of this.servers) {
      expect(open, 'promises that nobody settles').toBe(0)
      expect(await queue.drain(1_000)).toEqual({ saved: 0, left: 0 })
    }
    await Promise.all(this.servers.map(({ queue }) => queue.close()))
    expect(this.clock.pendingTimers, 'timers left behind').toBe(0)
  }

  #fenced(server: Server, rid: string, epoch: number): void {
    const role = server.roles.get(rid)
    if (role !== undefined && role.epoch <= epoch) server.roles.delete(rid)
  }

  #track(server: Server, promise: Promise<unknown>): void {
    server.open += 1
    promise
      .catch((error: unknown) => {
        this.#failure ??= error
      })
      .finally(() => {
        server.open -= 1
      })
  }
}
