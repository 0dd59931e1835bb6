import type { FoundTeam, TeamStore } from '@hydra/persistence'
import { HydraError, type RoleSummary } from '@hydra/protocol'
import type { Clock, Counter, Ids, Logger } from '@hydra/runtime'
import {
  alreadyInTeam,
  create,
  notInTeam,
  renewed,
  teamNotFound,
  withoutExpired,
  type Team,
  type TeamChange,
} from './team.ts'
import { liveTeam, toStored } from './team-data.ts'
import type { TeamTelling } from './tell-team.ts'

/** What changing needs. */
export interface TeamChangesDeps {
  readonly store: Pick<TeamStore, 'get' | 'ofRole' | 'put'>
  readonly telling: Pick<TeamTelling, 'tellSoon'>
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Logger
  /** Counts changes by `reason`. */
  readonly changes: Counter
  /** Counts changes that came second and were decided anew. */
  readonly conflicts: Counter
  /** A change that nobody is known to have heard of by then is told again. */
  readonly tellAgainMs: number
}

/** What a decision goes by besides the team, whose expired requests are gone already. */
export interface TeamMoment {
  readonly nowMs: number
  readonly seenAtMs: ReadonlyMap<string, number>
}

/** A rule applied; `undefined` changes nothing. It may be asked again, when another change has come first. */
export type TeamDecision = (team: Team, moment: TeamMoment) => TeamChange | undefined

/** A change, and who asked for it: of several at once each round stores one, so this many lose against all others. */
const attemptsMax = 32

/**
 * The one way of every change of a team, from whichever server: read, decide, store if nobody was faster, tell. Answers
 * the team as stored. After `STORAGE_UNAVAILABLE` it may have been changed all the same, which is told then.
 */
export class TeamChanges {
  readonly #deps: TeamChangesDeps

  constructor(deps: TeamChangesDeps) {
    this.#deps = deps
  }

  /** Makes a team. @throws HydraError `ALREADY_IN_TEAM`, `STORAGE_UNAVAILABLE`. */
  async create(role: RoleSummary): Promise<Team> {
    const { ids, clock } = this.#deps
    const made = await this.#put(create(ids.next(), role, clock.nowMs()), undefined)
    if (made === undefined) throw new HydraError('INTERNAL', 'A new team has the id of another.')
    return made
  }

  /** Changes a team. @throws HydraError `TEAM_NOT_FOUND`, `ALREADY_IN_TEAM`, `STORAGE_UNAVAILABLE`, `SERVER_BUSY`, what `decide` throws. */
  change(teamId: string, decide: TeamDecision): Promise<Team> {
    return this.#change(() => this.#deps.store.get(teamId), teamNotFound, decide)
  }

  /**
   * Changes the team that a role is in.
   *
   * @param absent what to refuse with when it is in none; `NOT_IN_TEAM` when absent
   * @throws HydraError that one, `ALREADY_IN_TEAM`, `STORAGE_UNAVAILABLE`, `SERVER_BUSY`, what `decide` throws.
   * @example await changes.changeOf(rid, (team) => leave(team, rid))
   */
  changeOf(rid: string, decide: TeamDecision, absent = notInTeam): Promise<Team> {
    return this.#change(() => this.#deps.store.ofRole(rid), absent, decide)
  }

  /** Makes a new version of the team that a role is in, if any, unless it is the one named. @throws HydraError `STORAGE_UNAVAILABLE`, `SERVER_BUSY`. */
  async renewOf(rid: string, unless: string): Promise<void> {
    try {
      await this.changeOf(rid, (team) => (team.teamId === unless ? undefined : renewed(team)))
    } catch (error) {
      if (!HydraError.hasCode(error, 'NOT_IN_TEAM')) throw error
    }
  }

  async #change(
    read: () => Promise<FoundTeam | undefined>,
    absent: () => HydraError,
    decide: TeamDecision,
  ): Promise<Team> {
    const { clock, conflicts } = this.#deps
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const found = await read()
      const team = liveTeam(found)
      if (found === undefined || team === undefined) throw absent()
      const nowMs = clock.nowMs()
      const open = withoutExpired(team, nowMs)
      const change = decide(open, { nowMs, seenAtMs: found.seenAtMs })
      if (change === undefined) return open
      const stored = await this.#put(change, found)
      if (stored !== undefined) return stored
      conflicts.inc()
    }
    throw new HydraError('SERVER_BUSY', 'The team keeps changing; try again in a moment.')
  }

  async #put(change: TeamChange, former: FoundTeam | undefined): Promise<Team | undefined> {
    const { store, telling, clock, changes, tellAgainMs, log } = this.#deps
    const next = toStored(change, former)
    const atMs = clock.nowMs()
    const put = await store.put(next, { atMs, tellAgainAtMs: atMs + tellAgainMs })
    if (!put.stored) {
      if (put.taken !== undefined) throw alreadyInTeam(put.taken)
      return undefined
    }
    const { teamId, version, rids } = next
    const { reason, rid } = change
    changes.inc({ reason })
    log.debug({ teamId, version, reason, rid, members: rids.length }, 'a team has changed')
    telling.tellSoon(next, change)
    return { ...change.team, version }
  }
}
