import type { ManualClock } from '@hydra/runtime'
import { expect } from 'vitest'
import type { Database } from '../database/database.ts'
import type { OwnedRole } from '../role-ownership/role-ownership.ts'
import type { Roles } from '../repositories/roles.ts'
import { createRoles } from '../repositories/sql-roles.ts'
import type { RoleJournal } from '../stores/role-journal.ts'
import type { DoneCall, FlakyCalls, NetworkMode } from './flaky.ts'
import { modelSnapshot } from './model-roles.ts'
import { modelConfig, ModelServer } from './model-server.ts'
import { RoleOracle } from './role-oracle.ts'
import type { Count, HeldRole } from './role-record.ts'
import { watchedJournal, watchedRoles } from './watched-stores.ts'

/** The stores of a story. */
export interface WorldStores {
  readonly clock: ManualClock
  readonly database: Database
  readonly journal: RoleJournal
  /** Removes everything from the journal, as a Redis without persistence does that restarts. */
  loseJournal(): Promise<void>
}

/** Which of the two networks of a server. */
export type StoreName = keyof ModelServer['networks']

/** Roles, their stores, servers, and what must hold between them. */
export class RoleWorld {
  readonly servers: ModelServer[]
  readonly #stores: WorldStores
  readonly #journal: RoleJournal
  readonly #roles: Roles
  readonly #rids: readonly string[]
  readonly #count: Count
  readonly #mode: NetworkMode
  readonly #doubts: boolean
  readonly #oracle: RoleOracle
  readonly #dead: ModelServer[] = []
  /** The first thing that went wrong where nobody awaits it. */
  #failure: unknown
  /** Whether stores or promises have changed since the last check. */
  #checkedAt = -1
  #changes = 0
  readonly #trace: ({ readonly server: string } & DoneCall)[] = []
  #updates = 0
  #starts = 0

  constructor(
    stores: WorldStores,
    options: {
      readonly rids: readonly string[]
      readonly servers: number
      /** How the calls of a server go at first. */
      readonly mode: NetworkMode
      /** Whether the registry may take a server for gone that lives. */
      readonly doubts: boolean
      readonly count: Count
    },
  ) {
    this.#stores = stores
    this.#rids = options.rids
    this.#count = options.count
    this.#mode = options.mode
    this.#doubts = options.doubts
    this.#oracle = new RoleOracle({ ...stores, ...options })
    this.#journal = watchedJournal(stores.journal, (rid, owner, epoch, replaced) => {
      this.#oracle.granted(rid, epoch)
      if (replaced !== undefined) this.#blame(() => this.#replaced(rid, owner, replaced))
    })
    this.#roles = watchedRoles(createRoles(stores.database, stores), (rid, epoch) =>
      this.#oracle.granted(rid, epoch),
    )
    this.servers = Array.from({ length: options.servers }, () => this.#start())
  }

  /** Creates the roles. */
  async prepare(): Promise<void> {
    for (const rid of this.#rids) {
      await this.#roles.create(modelSnapshot(rid, 0, 0, []), { maxPerAccount: Number.MAX_SAFE_INTEGER })
    }
  }

  rid(index: number): string {
    return this.#rids[index % this.#rids.length] ?? ''
  }

  server(index: number): ModelServer {
    return this.servers[index % this.servers.length] ?? expect.fail('no servers')
  }

  /** The server that holds a role: the given one, if several believe so. */
  holder(rid: string, preferred: number): ModelServer {
    const first = this.server(preferred)
    if (first.actor(rid) !== undefined) return first
    return this.servers.find((server) => server.actor(rid) !== undefined) ?? first
  }

  change(rid: string, preferred: number, options: { readonly inMemory: boolean }): void {
    this.holder(rid, preferred).change(rid, ++this.#updates, options)
  }

  /** The registry says of a living server that it has left, to one of the others. */
  doubt(observer: ModelServer, subject: ModelServer): void {
    if (observer === subject || !this.#doubts) return
    observer.gone.add(subject.id)
    subject.doubted = true
    this.#oracle.excuse()
  }

  /** A server catches up with the registry. */
  notice(observer: ModelServer): void {
    observer.gone.clear()
    for (const { id } of this.#dead) observer.gone.add(id)
  }

  /** SIGKILL and a new process. */
  crash(index: number, options: { readonly keepsArriving: boolean; readonly noticed: boolean }): void {
    const server = this.server(index)
    server.die(options.keepsArriving)
    this.#dead.push(server)
    this.#count('crashed')
    this.servers[this.servers.indexOf(server)] = this.#start()
    this.#oracle.excuse()
    if (options.noticed) for (const other of this.servers) other.gone.add(server.id)
  }

  async loseJournal(): Promise<void> {
    await this.#stores.loseJournal()
    // A store that comes back does so later than it went.
    this.#stores.clock.advance(1)
    this.#trace.push({ server: 'the journal', name: 'lost', parameters: [], answer: undefined })
    this.#changes += 1
    this.#count('journal lost')
    await this.#oracle.journalLost()
  }

  /** A call that its caller has given up arrives: of a process that is dead, or else of this one. */
  async arriveLate(server: ModelServer, store: StoreName, index: number): Promise<void> {
    const networks = [...this.#dead, server].map(({ networks }) => networks[store])
    const calls = networks.find(({ late }) => late > 0)
    if (calls === undefined) return
    await calls.arriveLate(index)
    this.#count('arrived late')
  }

  wait(ms: number): void {
    this.#stores.clock.advance(ms)
  }

  /** Lets everything go on that waits for nothing but the event loop, and for stores that have been reached. */
  async settle(): Promise<void> {
    let before: number
    do {
      before = this.#arrived()
      await Promise.all(this.#networks().map((calls) => calls.idle()))
      for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve))
    } while (this.#arrived() > before || this.#networks().some(({ running }) => running))
  }

  /** What must hold after each step. */
  async check(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    const changes = this.#changes + this.#arrived()
    if (changes === this.#checkedAt) return
    this.#checkedAt = changes
    await this.#oracle.check(this.#held())
    if (this.#failure !== undefined) throw this.#failure
  }

  /** What the stores did, one call in each line: for whoever has to understand a story that went wrong. */
  trace(): string {
    const line = (parts: readonly unknown[]) =>
      parts.map((part) => JSON.stringify(part) ?? 'nothing').join(' ')
    return this.#trace
      .map(({ server, name, parameters, answer }) => {
        const text = answer instanceof Error ? answer.message : line([answer])
        return `${server} ${name}(${line(parameters)}): ${text}`
      })
      .join('\n')
  }

  /** Everything works again: in the end the database has all, nobody owns anything and nobody waits. */
  async heal(): Promise<void> {
    for (const calls of this.#networks()) {
      calls.mode = 'up'
      await calls.answerAll()
      while (calls.late > 0) await calls.arriveLate(0)
    }
    for (const server of this.servers) this.notice(server)
    await this.#calm()
    for (const server of this.servers) server.renew()
    await this.#calm()
    for (const server of this.servers)
      for (const { rid } of server.actors) server.leave(rid, { insists: true })
    await this.#calm()
    // A claim that arrived late is held until its server recovers once more.
    for (const server of [...this.servers, ...this.servers]) {
      server.recover()
      await this.#calm()
    }
    for (const rid of this.#rids) await this.#visit(rid)
    await this.#oracle.checkEnd()
    expect(await this.#journal.claimRecovery('nobody'), 'who recovers in the end').toBe('nobody')
    await this.#journal.leaveRecovery('nobody')
    for (const { queue } of this.servers) expect(await queue.drain(1_000)).toEqual({ saved: 0, left: 0 })
    await Promise.all(this.servers.map(({ queue }) => queue.close()))
    expect(this.#stores.clock.pendingTimers, 'timers left behind').toBe(0)
  }

  /** Someone can load the role, if need be where the others say that it is; it is left again. */
  async #visit(rid: string): Promise<void> {
    for (const server of [...this.servers, ...this.servers]) {
      server.enter(rid)
      await this.#calm()
      if (server.actor(rid) === undefined) continue
      server.leave(rid, { insists: true })
      await this.#calm()
      return
    }
    expect.fail(`nobody can load ${rid}`)
  }

  /** Lets time pass until nobody waits for anything. */
  async #calm(): Promise<void> {
    for (let round = 0; round < 50; round++) {
      await this.settle()
      await this.check()
      if (this.servers.every(({ queue, open }) => queue.dirty === 0 && open === 0)) return
      this.wait(modelConfig.retryMaxMs)
    }
    const open = this.servers.map(({ id, queue, open }) => `${id}: ${open} promises, ${queue.dirty} roles`)
    expect.fail(`somebody waits for ever: ${open.join('; ')}`)
  }

  /** How many calls have arrived at a store. */
  #arrived(): number {
    return this.#networks().reduce((sum, { arrived }) => sum + arrived, 0)
  }

  #held(): readonly HeldRole[] {
    return this.servers.flatMap((server) =>
      server.actors.flatMap(({ rid, epoch, holds }) =>
        holds && epoch !== undefined ? [{ server, rid, epoch }] : [],
      ),
    )
  }

  #networks(): readonly FlakyCalls[] {
    return [...this.#dead, ...this.servers].flatMap(({ networks }) => [networks.journal, networks.database])
  }

  #start(): ModelServer {
    const oracle = this.#oracle
    const server = new ModelServer({
      id: `game-${++this.#starts}`,
      clock: this.#stores.clock,
      journal: this.#journal,
      roles: this.#roles,
      count: this.#count,
      events: {
        taken: (taker, owned, again) => this.#blame(() => this.#taken(taker, owned, again)),
        pushing: (holder, snapshot) => {
          const { losses } = oracle
          return () =>
            this.#blame(() => {
              this.#count('acknowledged')
              this.#changes += 1
              oracle.acknowledged(holder, snapshot, { lostMeanwhile: oracle.losses > losses })
            })
        },
        releasing: (holder, saved) => {
          const failedBefore = holder.networks.journal.failed
          return () => {
            this.#count('released')
            this.#changes += 1
            const journalFailed = holder.networks.journal.failed > failedBefore
            oracle.released(holder, saved, { journalFailed })
          }
        },
        fenced: (holder, rid, epoch) =>
          this.#blame(() => {
            this.#count('fenced')
            oracle.fenced(holder, rid, epoch)
          }),
        done: (caller, call) => this.#trace.push({ server: caller.id, ...call }),
        failed: (error) => {
          this.#failure ??= error
        },
      },
    })
    for (const calls of Object.values(server.networks)) calls.mode = this.#mode
    this.notice(server)
    return server
  }

  #taken(taker: ModelServer, owned: OwnedRole, again: boolean): void {
    this.#count(again ? 'retaken' : 'taken')
    if (!owned.journalled) this.#count('taken by row')
    const { rid } = owned.snapshot
    const others = this.servers.filter((server) => server !== taker && server.actor(rid)?.holds === true)
    if (others.length > 0) this.#count('taken over from the living')
    this.#oracle.taken(taker, owned, others)
  }

  #replaced(rid: string, owner: string, former: string): void {
    this.#count('taken over')
    const alive = this.servers.find(({ id }) => id === former)
    if (alive?.doubted === false) expect.fail(`${owner} takes ${rid} from ${former}, which lives`)
  }

  /** Runs an assertion where what it throws would be taken for an error of the code under test. */
  #blame(assertion: () => void): void {
    try {
      assertion()
    } catch (error) {
      this.#failure ??= error
    }
  }
}
