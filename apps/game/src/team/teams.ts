import type { RoleJournal, TeamStore } from '@hydra/persistence'
import { HydraError, type RoleSummary } from '@hydra/protocol'
import type { Clock, Logger } from '@hydra/runtime'
import type { TeamChanges, TeamDecision } from './change-team.ts'
import type { Invitee } from './requests.ts'
import { leave, shown, withoutExpired, type Team, type TeamSettings } from './team.ts'
import { liveTeam } from './team-data.ts'

/** What {@link Teams} needs. */
export interface TeamsDeps {
  readonly store: Pick<TeamStore, 'ofRole'>
  readonly journal: Pick<RoleJournal, 'ownersOf'>
  readonly changes: TeamChanges
  readonly settings: TeamSettings
  /** Whether a game server has left the cluster. */
  readonly isGone: (server: string) => boolean
  /** The role as it is in memory here. */
  readonly peek: (rid: string) => RoleSummary | undefined
  readonly clock: Clock
  readonly log: Logger
}

/** Roles whose teams could not be changed: of further ones, who has left is found as lost, and names wait for `get`. */
const owedMax = 10_000

/** The teams of roles, for handlers and for the life of roles. */
export class Teams {
  readonly changes: TeamChanges
  readonly settings: TeamSettings
  readonly #deps: TeamsDeps
  /** What could not be done to the teams of roles. */
  readonly #owed = new Map<string, 'leave' | 'show'>()

  constructor(deps: TeamsDeps) {
    this.#deps = deps
    this.changes = deps.changes
    this.settings = deps.settings
  }

  /** The team of a role. @throws HydraError `STORAGE_UNAVAILABLE`. */
  async ofRole(rid: string): Promise<Team | undefined> {
    const team = liveTeam(await this.#deps.store.ofRole(rid))
    return team === undefined ? undefined : withoutExpired(team, this.#deps.clock.nowMs())
  }

  /**
   * Everybody in the team of a role, itself included; only itself when it is in none, or when that cannot be read.
   *
   * @example for (const rid of await teams.membersOf(byRid)) share(rid)
   */
  async membersOf(rid: string): Promise<readonly string[]> {
    try {
      return (await this.#deps.store.ofRole(rid))?.rids ?? [rid]
    } catch (err) {
      this.#deps.log.warn({ rid, err }, 'the team of a role could not be read; it counts as alone')
      return [rid]
    }
  }

  /** Whether somebody plays a role, or may still come back to it, on any server. @throws HydraError `STORAGE_UNAVAILABLE`. */
  async isPlayed(rid: string): Promise<boolean> {
    const [owned] = await this.#deps.journal.ownersOf([rid])
    return owned !== undefined && !this.#deps.isGone(owned.owner)
  }

  /** What a rule must know of a role that is to be asked into a team. @throws HydraError `STORAGE_UNAVAILABLE`. */
  async inviteeOf(rid: string): Promise<Invitee> {
    const [isPlayed, team] = await Promise.all([this.isPlayed(rid), this.ofRole(rid)])
    return { rid, isPlayed, isInTeam: team !== undefined }
  }

  /**
   * A role has left the game: it leaves its team, unless somebody plays it again by now. May be repeated. Never rejects:
   * what cannot be done yet is done when the store is back.
   */
  left(rid: string): Promise<void> {
    return this.#attempt(rid, 'leave')
  }

  /** A role has another name or level, which its team shows from now on, or when the store is back. Never rejects. */
  changed(rid: string): Promise<void> {
    return this.#attempt(rid, 'show')
  }

  /** Does again what could not be done. Never rejects. */
  async catchUp(): Promise<void> {
    const owed = [...this.#owed]
    for (const [rid, what] of owed) await this.#attempt(rid, what)
  }

  /** The team of a role that is in memory here, which shows it as it is. @throws HydraError `STORAGE_UNAVAILABLE`, `SERVER_BUSY`. */
  async show(rid: string): Promise<Team | undefined> {
    const { peek } = this.#deps
    // Looked up when it is decided: what is told second may have been changed first.
    const asItIs = (team: Team) => {
      const role = peek(rid)
      return role === undefined ? undefined : shown(team, role)
    }
    const team = await this.ofRole(rid)
    if (team === undefined || asItIs(team) === undefined) return team
    return this.#changeOf(rid, asItIs)
  }

  async #leave(rid: string): Promise<void> {
    const team = await this.ofRole(rid)
    if (team === undefined || (await this.isPlayed(rid))) return
    await this.#changeOf(rid, (current) => leave(current, rid))
  }

  async #changeOf(rid: string, decide: TeamDecision): Promise<Team | undefined> {
    try {
      return await this.changes.changeOf(rid, decide)
    } catch (error) {
      if (HydraError.hasCode(error, 'NOT_IN_TEAM')) return undefined
      throw error
    }
  }

  async #attempt(rid: string, what: 'leave' | 'show'): Promise<void> {
    this.#owed.delete(rid)
    try {
      await (what === 'leave' ? this.#leave(rid) : this.show(rid))
    } catch (err) {
      if (this.#owed.size < owedMax) this.#owed.set(rid, what)
      this.#deps.log.warn({ rid, what, err }, 'a team is not as its member is; trying again later')
    }
  }
}
