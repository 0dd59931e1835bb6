import type { StoredTeam, TeamStore } from '@hydra/persistence'
import { pushes } from '@hydra/protocol'
import type { Clock, Logger } from '@hydra/runtime'
import type { ChatLink } from '../role/chat-link.ts'
import type { TellRole } from '../role/tell-role.ts'
import { withoutExpired, type TeamChange } from './team.ts'
import { fromStored } from './team-data.ts'

/** What telling needs. */
export interface TeamTellingDeps {
  readonly tell: TellRole
  readonly chat: Pick<ChatLink, 'teamChanged'>
  readonly store: Pick<TeamStore, 'told'>
  /** Makes a new version of the team that a role is in by now, unless that is the one named. */
  readonly renewOf: (rid: string, unless: string) => Promise<void>
  readonly clock: Clock
  readonly log: Logger
}

/** Changes that chat is being told of at one time; further ones are left to the sweep. */
const underWayMax = 256

const { changed, invited, answered } = pushes.game.team

/**
 * Tells of teams: each member on its own topic, whoever has left, and chat. What is not known to have been told stays
 * noted in the store, and {@link TeamSweep} tells it again.
 */
export class TeamTelling {
  readonly #deps: TeamTellingDeps
  #underWay = 0

  constructor(deps: TeamTellingDeps) {
    this.#deps = deps
  }

  /** Tells of a change that has just been stored. Chat is told in the background: nobody waits for it. */
  tellSoon(stored: StoredTeam, change: TeamChange): void {
    this.#tellRoles(stored)
    this.#tellOthers(stored, change)
    if (this.#underWay >= underWayMax) return
    this.#underWay++
    void this.#tellChat(stored).finally(() => this.#underWay--)
  }

  /** Tells once more of a change of which somebody may not have heard. Answers whether chat has. Never rejects. */
  tellAgain(stored: StoredTeam): Promise<boolean> {
    this.#tellRoles(stored)
    return this.#tellChat(stored)
  }

  #tellRoles(stored: StoredTeam): void {
    const { team: whole, reason, rid, left } = fromStored(stored)
    const { teamId, version } = stored
    const team = withoutExpired(whole, this.#deps.clock.nowMs())
    const about = { teamId, version, reason, ...(rid === undefined ? {} : { rid }) }
    for (const member of stored.rids) this.#deps.tell(member, changed, { ...about, team })
    for (const former of left) this.#deps.tell(former, changed, { ...about, team: null })
  }

  #tellOthers({ teamId }: StoredTeam, { team, invited: invitee, answers = [] }: TeamChange): void {
    const invitation = team.invitations.find(({ rid }) => rid === invitee)
    const from = team.members.find(({ rid }) => rid === invitation?.byRid)
    if (invitation !== undefined && from !== undefined) {
      const { rid, expiresAtMs } = invitation
      const members = team.members.length
      const payload = { teamId, from: { rid: from.rid, name: from.name }, members, expiresAtMs }
      this.#deps.tell(rid, invited, payload)
    }
    for (const { to, rid, answer } of answers) this.#deps.tell(to, answered, { teamId, rid, answer })
  }

  /**
   * Of two teams that a role was in, chat believes what it hears last: an old version of the former one that was late
   * takes the role out of the one it is in. So whoever has left a team by a change that chat has only now heard of is told
   * of once more, as of its present team.
   */
  async #tellChat(stored: StoredTeam): Promise<boolean> {
    const { chat, store, renewOf, log } = this.#deps
    const { teamId, version, rids } = stored
    if (!(await chat.teamChanged({ teamId, version, rids: [...rids] }))) return false
    try {
      for (const rid of fromStored(stored).left) await renewOf(rid, teamId)
      await store.told(teamId, version)
    } catch (err) {
      log.warn({ teamId, version, err }, 'a change of a team will be told once more')
    }
    return true
  }
}
