import type { RoleJournal, Stores, TeamStore } from '@hydra/persistence'
import { HydraError, type RequestOf, type RoleSummary } from '@hydra/protocol'
import { createMetrics, silentLogger, type Clock, type Ids } from '@hydra/runtime'
import type { Game } from '../game.ts'
import { createGameMetrics } from '../game-metrics.ts'
import type { ChatLink } from '../role/chat-link.ts'
import type { TellRole } from '../role/tell-role.ts'
import { TeamChanges } from '../team/change-team.ts'
import { teamHandlers } from '../team/team-handlers.ts'
import { TeamSweep } from '../team/team-sweep.ts'
import { Teams } from '../team/teams.ts'
import { TeamTelling, type TeamTellingDeps } from '../team/tell-team.ts'
import { nextTurn } from './faults.ts'

/** What happens at one of the next calls of a server. */
export type Fate = 'dies before' | 'dies after' | 'fails' | 'loses answer'

/** Times and bounds of teams in stories. */
export const storySettings = { membersMax: 3, requestsMax: 2, requestMs: 60_000 }

/** What servers of a story share. */
export interface StorySurroundings {
  readonly clock: Clock
  readonly ids: Ids
  readonly stores: Pick<Stores, 'roleJournal'> & { readonly teams: TeamStore }
  readonly tell: TellRole
  readonly teamChanged: ChatLink['teamChanged']
  readonly isGone: (server: string) => boolean
  /** So many turns of the event loop pass before the next call. */
  readonly delay: () => number
}

type Handlers = ReturnType<typeof teamHandlers>
/** A route of teams. */
export type TeamRoute = keyof Handlers

/** The part of a game server that teams know, over real stores: roles that have turns, and calls that may fail. */
export class TeamStoryServer {
  readonly id: string
  readonly sweep: TeamSweep
  readonly teams: Teams
  /** The roles that are played here. */
  readonly roles = new Map<string, RoleSummary>()
  /** Resolves when it dies; what it has called then never answers. */
  readonly died: Promise<'died'>
  readonly #epochs = new Map<string, number>()
  readonly #turns = new Map<string, Promise<unknown>>()
  readonly #journal: RoleJournal
  readonly #handlers: Handlers
  readonly #delay: () => number
  #end: () => void = () => {}
  #isDead = false
  #fuse: { calls: number; readonly fate: Fate } | undefined

  constructor(id: string, { clock, ids, stores, tell, teamChanged, isGone, delay }: StorySurroundings) {
    this.id = id
    this.died = new Promise((resolve) => (this.#end = () => resolve('died')))
    this.#delay = delay
    this.#journal = stores.roleJournal
    const log = silentLogger
    const metrics = createGameMetrics(createMetrics({ service: id }))
    const { teamChanges, teamConflicts: conflicts, teamsToldAgain: toldAgain } = metrics
    const store = this.#wrap(stores.teams)
    const journal = this.#wrap(stores.roleJournal)
    const chat = {
      teamChanged: (team: Parameters<ChatLink['teamChanged']>[0]) => this.#tellChat(teamChanged, team),
    }
    const mortalTell: TellRole = (...told) => {
      if (!this.#isDead) tell(...told)
    }
    const renewOf: TeamTellingDeps['renewOf'] = (rid, unless) => changes.renewOf(rid, unless)
    const telling = new TeamTelling({ tell: mortalTell, chat, store, renewOf, clock, log })
    const tellAgainMs = 10_000
    const made = { store, telling, clock, ids, log, changes: teamChanges, conflicts, tellAgainMs }
    const changes: TeamChanges = new TeamChanges(made)
    const peek = (rid: string) => this.roles.get(rid)
    this.teams = new Teams({ store, journal, changes, settings: storySettings, isGone, peek, clock, log })
    const session = { sessionId: 's', gateId: 'g', epoch: 1 }
    this.sweep = new TeamSweep({
      store,
      // Of an actor the sweep sees no more than this.
      actors: {
        all: () => [...this.roles.keys()].map((rid) => ({ rid, session, stage: 'active' })).values() as never,
      },
      teams: this.teams,
      changes,
      telling,
      clock,
      log,
      toldAgain,
      memberLostMs: 120_000,
      intervalMs: 30_000,
      tellAgainMs,
    })
    const run = (_context: unknown, rid: string, job: (turn: unknown) => unknown) =>
      this.#turn(rid, () => job({ state: this.roles.get(rid) }))
    // Of the game the handlers of teams see no more than this.
    this.#handlers = teamHandlers({ actors: { run }, teams: this.teams } as unknown as Game)
  }

  get isDead(): boolean {
    return this.#isDead
  }

  /** Something happens at one of its next calls. */
  light(calls: number, fate: Fate): void {
    this.#fuse = { calls, fate }
  }

  /** Nothing happens any more. */
  extinguish(): void {
    this.#fuse = undefined
  }

  die(): void {
    this.#isDead = true
    this.#end()
  }

  /** Answers a request of the player of a role. */
  ask<R extends TeamRoute>(route: R, rid: string, body: object): Promise<Awaited<ReturnType<Handlers[R]>>> {
    const handler = this.#handlers[route] as (context: unknown, body: unknown) => Promise<never>
    return handler({ session: { rid } }, body as RequestOf<never>)
  }

  /** A role is played here from now on. */
  async enter(role: RoleSummary, replaces: string | undefined): Promise<void> {
    const { rid } = role
    const acquired = await this.#journal.acquire(rid, this.id, replaces === undefined ? {} : { replaces })
    if (!acquired.owned) throw new HydraError('ROLE_ELSEWHERE', 'The story has it elsewhere.')
    this.#epochs.set(rid, acquired.epoch)
    this.roles.set(rid, role)
    await this.teams.show(rid)
  }

  /** A role has another name, which is stored. */
  rename(role: RoleSummary): Promise<void> {
    return this.#turn(role.rid, () => {
      this.roles.set(role.rid, role)
      return this.teams.changed(role.rid)
    })
  }

  /** A role is given up: it moves, or leaves the game. */
  leave(rid: string, { forGood }: { readonly forGood: boolean }): Promise<void> {
    return this.#turn(rid, async () => {
      await this.#journal.release(rid, this.#epochs.get(rid) ?? 0)
      this.roles.delete(rid)
      if (forGood) await this.teams.left(rid)
    })
  }

  #turn<T>(rid: string, job: () => T | Promise<T>): Promise<T> {
    const before = this.#turns.get(rid) ?? Promise.resolve()
    const turn = before.then(() => {
      if (!this.roles.has(rid)) throw new HydraError('ROLE_ELSEWHERE', 'The role is not here.')
      return job()
    })
    this.#turns.set(
      rid,
      turn.catch(() => {}),
    )
    return turn
  }

  /** Telling chat never fails, it answers whether chat was told. */
  async #tellChat(
    teamChanged: ChatLink['teamChanged'],
    team: Parameters<ChatLink['teamChanged']>[0],
  ): Promise<boolean> {
    for (let turn = this.#delay(); turn > 0; turn--) await nextTurn()
    if (this.#isDead) return never
    const told = await teamChanged(team)
    return this.#isDead ? never : told
  }

  #wrap<T extends object>(store: T): T {
    return new Proxy(store, {
      get: (target, key) => {
        const method: unknown = Reflect.get(target, key)
        if (typeof method !== 'function') return method
        return (...given: unknown[]) =>
          this.#call(() => Reflect.apply(method, target, given) as Promise<unknown>)
      },
    })
  }

  async #call(step: () => Promise<unknown>): Promise<unknown> {
    for (let turn = this.#delay(); turn > 0; turn--) await nextTurn()
    if (this.#isDead) return never
    const fuse = this.#fuse
    if (fuse === undefined || fuse.calls-- > 0) {
      const answer = await step()
      return this.#isDead ? never : answer
    }
    this.#fuse = undefined
    if (fuse.fate === 'dies before') {
      this.die()
      return never
    }
    if (fuse.fate !== 'fails') await step()
    if (fuse.fate !== 'dies after') throw new HydraError('STORAGE_UNAVAILABLE', `The story: it ${fuse.fate}.`)
    this.die()
    return never
  }
}

const never = new Promise<never>(() => {})
