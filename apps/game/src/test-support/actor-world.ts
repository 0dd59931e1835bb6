import {
  createMemoryStores,
  createRoleOwnership,
  createRoleQueue,
  createRoles,
  migrate,
  openDatabase,
  type RoleRule,
  type RoleSnapshot,
  type SessionRecord,
} from '@hydra/persistence'
import { MemoryRegistryHub, createMemoryRegistry } from '@hydra/rpc'
import { createMetrics, ManualClock, silentLogger } from '@hydra/runtime'
import type { EndedActor } from '../actor/role-actor-host.ts'
import { RoleActors } from '../actor/role-actors.ts'
import { endSession } from '../role/end-session.ts'
import { loadRole, retakeRole } from '../role/load-role.ts'
import { newestSessionEpoch } from '../role/newest-session.ts'
import { toSnapshot } from '../role/role-data.ts'
import { newRole, type RoleState } from '../role/role.ts'
import { Faults, nextTurn } from './faults.ts'

/** Settings that keep times apart, so that a test can tell which of them passed. */
export const actorSettings = {
  graceMs: 5_000,
  mailboxMaxJobs: 128,
  ackInMemory: new Set(['game.test.move']),
  handOverMs: 3_000,
  leaveBackoff: { minMs: 100, maxMs: 1_000 },
}

/**
 * A table of actors over real stores in memory and a SQLite database in memory, on a clock that stands still.
 * The servers share stores and registry, as game servers do.
 */
export async function createActorWorld(options: { readonly actorsMax?: number } = {}) {
  const clock = new ManualClock()
  const faults = new Faults()
  const memory = createMemoryStores({ clock })
  const stores = {
    sessions: faults.wrap('sessions', memory.sessions),
    roleJournal: faults.wrap('journal', memory.roleJournal),
  }
  const database = openDatabase({ kind: 'sqlite', file: ':memory:' }, { clock })
  await migrate(database)
  const stored = createRoles(database, { clock })
  const roles = faults.wrap('roles', stored)
  const hub = new MemoryRegistryHub()

  const createServer = async (serverId: string) => {
    const registry = createMemoryRegistry({ hub })
    await registry.announce({
      id: serverId,
      type: 'game',
      zone: 'test',
      host: 'localhost',
      state: 'ready',
      metadata: {},
      startedAtMs: clock.nowMs(),
      protocol: 1,
    })
    const ended: EndedActor[] = []
    const away: (readonly [string, boolean])[] = []
    /** What each role's state is to have before it leaves. */
    const leaving = new Map<string, RoleRule<RoleState>>()
    const told: { readonly before: RoleState; readonly after: RoleState }[] = []
    const queue = createRoleQueue({
      journal: stores.roleJournal,
      roles,
      clock,
      log: silentLogger,
      metrics: createMetrics({ service: serverId }),
      random: () => 0.5,
      onFenced: (rid, epoch) => actors.fenced(rid, epoch),
    })
    const chat = { left: () => Promise.resolve() }
    const teams = { left: () => Promise.resolve() }
    const ownership = createRoleOwnership({
      owner: serverId,
      journal: stores.roleJournal,
      roles,
      isGone: (id) => registry.connected && registry.get(id) === undefined,
      clock,
      log: silentLogger,
    })
    const loading = { ownership, queue, roles, log: silentLogger }
    const actors: RoleActors = new RoleActors({
      host: {
        clock,
        random: () => 0.5,
        log: silentLogger,
        queue,
        settings: actorSettings,
        newestSessionEpoch: (uid) => newestSessionEpoch(stores.sessions, uid, silentLogger),
        load: (rid, uid) => loadRole(loading, rid, uid),
        retake: (role) => retakeRole(loading, role),
        release: ({ state, epoch, journalled }) => ownership.release({ ...state, epoch, journalled }),
        changed: (before, after) => Promise.resolve(void told.push({ before, after })),
        away: (rid, isAway) => void away.push([rid, isAway]),
        leaving: (rid) => leaving.get(rid),
        stored: () => {},
        endSession: (rid, uid, leave) =>
          endSession({ sessions: stores.sessions, chat, teams }, rid, uid, leave),
      },
      actorsMax: options.actorsMax ?? 100,
      drainParallel: 16,
      onEnded: (actor) => ended.push(actor),
    })
    return { serverId, actors, queue, ownership, ended, told, away, leaving, die: () => registry.close() }
  }

  return {
    clock,
    faults,
    memory,
    stored,
    createServer,
    /** Stores a role as `game.role.create` does. */
    async addRole(rid: string, uid: string): Promise<RoleSnapshot> {
      const role = toSnapshot(newRole({ rid, uid, name: rid }, clock.nowMs()), 0)
      await stored.create(role, { maxPerAccount: 8 })
      return role
    },
    /** Logs an account in, as a gate does. */
    async login(uid: string, gateId = 'gate-1'): Promise<SessionRecord> {
      const sessionId = `s${(count += 1)}`
      const { epoch } = await memory.sessions.bind({ uid, gateId, sessionId })
      return { uid, gateId, sessionId, epoch }
    },
    /** Lets work go on until `done`, moving the clock where only time helps. */
    async until(done: () => boolean, stepMs = 0): Promise<void> {
      for (let turn = 0; !done(); turn++) {
        if (turn > 5_000) throw new Error('it does not come to an end')
        await nextTurn()
        if (stepMs > 0) clock.advance(stepMs)
      }
    },
    close: () => database.close(),
  }
}

let count = 0

/** A request of a session, with time left. */
export const callerOf = (session: SessionRecord, remainingMs = 10_000, route = 'game.test.gain') => ({
  session,
  route,
  remainingMs: () => remainingMs,
})
