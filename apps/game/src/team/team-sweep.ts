import { chatTeamLimits, type SeenTeam, type TeamStore } from '@hydra/persistence'
import { HydraError } from '@hydra/protocol'
import { PeriodicLook, type Clock, type Counter, type Logger } from '@hydra/runtime'
import type { RoleActors } from '../actor/role-actors.ts'
import type { TeamChanges, TeamDecision } from './change-team.ts'
import { lost, renewed } from './team.ts'
import type { Teams } from './teams.ts'
import type { TeamTelling } from './tell-team.ts'

/** What the sweep needs. */
export interface TeamSweepDeps {
  readonly store: Pick<TeamStore, 'get' | 'seen' | 'untold'>
  readonly actors: Pick<RoleActors, 'all'>
  readonly teams: Pick<Teams, 'catchUp'>
  readonly changes: Pick<TeamChanges, 'change'>
  readonly telling: Pick<TeamTelling, 'tellAgain'>
  readonly clock: Clock
  readonly log: Logger
  /** Counts changes that were told again. */
  readonly toldAgain: Counter
  /** A member that no server has seen for so long is put out. */
  readonly memberLostMs: number
  readonly intervalMs: number
  readonly tellAgainMs: number
}

/** Roles in one call of the store, and teams that are told of in one look. */
const rolesMax = 200
const tellMax = 100

/** A team that does not change is changed all the same, well before chat forgets it. */
const renewMs = chatTeamLimits.keepMs / 4

/**
 * Looks after the teams of the roles that are played here: notes that these are there, puts out members that no server
 * has seen for long (theirs has died, and nobody plays them), and tells of changes again of which somebody may not have
 * heard, whoever made them.
 */
export class TeamSweep {
  readonly #deps: TeamSweepDeps
  readonly #periodic: PeriodicLook
  /** When the last look began that could say which roles are here, by the monotonic clock. */
  #saidAtMs = Number.NEGATIVE_INFINITY

  constructor(deps: TeamSweepDeps) {
    this.#deps = deps
    this.#periodic = new PeriodicLook({ ...deps, look: () => this.#look() })
  }

  start(): this {
    this.#periodic.start()
    return this
  }

  /** Begins nothing new; what is under way ends with store and peer. */
  stop(): void {
    this.#periodic.stop()
  }

  /** Looks now. Never rejects. */
  look(): Promise<void> {
    return this.#periodic.now()
  }

  async #look(): Promise<void> {
    const { teams, log } = this.#deps
    for (const step of [() => this.#lookAfterTeams(), () => this.#tellAgain(), () => teams.catchUp()]) {
      if (this.#periodic.stopped) return
      try {
        await step()
      } catch (err) {
        log.warn({ err }, 'not all teams could be looked after; the next look tries again')
      }
    }
  }

  async #lookAfterTeams(): Promise<void> {
    const { actors, store, clock, intervalMs } = this.#deps
    const beganMs = clock.monotonicMs()
    // Else the store was away, or this process stood still, and so it may have been for others: they get a look to say
    // which roles are there.
    const mayPutOut = beganMs - this.#saidAtMs <= 1.5 * intervalMs
    const rids: string[] = []
    for (const { rid, session, stage } of actors.all()) {
      if (session !== undefined && stage !== 'loading') rids.push(rid)
    }
    for (let from = 0; from < rids.length && !this.#periodic.stopped; from += rolesMax) {
      const teams = await store.seen(rids.slice(from, from + rolesMax), clock.nowMs())
      for (const team of teams) await this.#tryToLookAfter(team, mayPutOut)
    }
    this.#saidAtMs = beganMs
  }

  /** One team that cannot be looked after keeps nobody else from being seen. */
  async #tryToLookAfter(team: SeenTeam, mayPutOut: boolean): Promise<void> {
    try {
      await this.#lookAfter(team, mayPutOut)
    } catch (err) {
      this.#deps.log.warn(
        { teamId: team.teamId, err },
        'a team could not be looked after; the next look tries again',
      )
    }
  }

  async #lookAfter({ teamId, changedAtMs, leastSeenAtMs }: SeenTeam, mayPutOut: boolean): Promise<void> {
    const { clock, memberLostMs } = this.#deps
    const nowMs = clock.nowMs()
    if (mayPutOut && leastSeenAtMs <= nowMs - memberLostMs) {
      await this.#change(teamId, (team, { seenAtMs, nowMs: thenMs }) => {
        const isLost = ({ rid }: { readonly rid: string }) =>
          (seenAtMs.get(rid) ?? 0) <= thenMs - memberLostMs
        return lost(
          team,
          team.members.filter(isLost).map(({ rid }) => rid),
        )
      })
    } else if (changedAtMs <= nowMs - renewMs) {
      await this.#change(teamId, renewed)
    }
  }

  async #change(teamId: string, decide: TeamDecision): Promise<void> {
    try {
      await this.#deps.changes.change(teamId, decide)
    } catch (error) {
      if (!HydraError.hasCode(error, 'TEAM_NOT_FOUND')) throw error
    }
  }

  async #tellAgain(): Promise<void> {
    const { store, telling, clock, toldAgain, tellAgainMs, log } = this.#deps
    const nowMs = clock.nowMs()
    for (const teamId of await store.untold(nowMs, nowMs + tellAgainMs, tellMax)) {
      if (this.#periodic.stopped) return
      const found = await store.get(teamId)
      if (found === undefined || found.told) continue
      toldAgain.inc()
      if (await telling.tellAgain(found)) continue
      log.warn({ teamId }, 'chat cannot be told of teams yet; trying again later')
      return
    }
  }
}
