import type { GameClient } from '@hydra/client'
import { pushes, type TeamView } from '@hydra/protocol'

/** An invitation into a team. */
export interface Invitation {
  readonly teamId: string
  readonly fromRid: string
}

/** Invitations that are remembered; the oldest one makes room. */
const invitationsMax = 8

/** The team of a bot's role and who has invited it, as pushes tell. */
export class Companions {
  #team: TeamView | undefined
  /** By team, the latest last. */
  readonly #invitations = new Map<string, Invitation>()

  get team(): TeamView | undefined {
    return this.#team
  }

  /** The latest last. */
  get invitations(): readonly Invitation[] {
    return [...this.#invitations.values()]
  }

  /** Listens to what a client is told. */
  listen(client: GameClient): void {
    client.on(pushes.game.team.changed, ({ team, teamId, version }) => {
      this.#invitations.delete(teamId)
      // Several servers tell: what is older than known came late.
      if (this.#team?.teamId === teamId && this.#team.version >= version) return
      if (team !== null) this.#team = team
      else if (this.#team?.teamId === teamId) this.#team = undefined
    })
    client.on(pushes.game.team.invited, ({ teamId, from }) => {
      this.#invitations.delete(teamId)
      this.#invitations.set(teamId, { teamId, fromRid: from.rid })
      const [oldest] = this.#invitations.keys()
      if (oldest !== undefined && this.#invitations.size > invitationsMax) this.#invitations.delete(oldest)
    })
    client.on(pushes.game.team.answered, ({ teamId }) => void this.#invitations.delete(teamId))
  }

  /** The server has answered with the role's team: `null` when it is in none. */
  know(team: TeamView | null): void {
    this.#team = team ?? undefined
    if (team !== null) this.#invitations.delete(team.teamId)
  }

  /** An invitation has been answered, or holds no more. */
  forget(teamId: string): void {
    this.#invitations.delete(teamId)
  }
}
