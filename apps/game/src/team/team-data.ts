import type { FoundTeam, JsonObject, StoredTeam } from '@hydra/persistence'
import { limits, pushes, teamView } from '@hydra/protocol'
import * as z from 'zod'
import { isMember, type Team, type TeamChange } from './team.ts'

const { shape: changed } = pushes.game.team.changed.payload

/** What is stored besides the members. A team that has ended has none, and nobody who leads. */
const dataSchema = teamView.pick({ leaderRid: true, applications: true, invitations: true }).extend({
  members: z.array(teamView.shape.members.element).max(limits.teamMembersMax),
  reason: changed.reason,
  rid: changed.rid,
  left: z.array(z.string()),
})

/** A team with what is to be told of its last change. */
export interface TeamDocument {
  readonly team: Team
  readonly reason: TeamChange['reason']
  readonly rid: string | undefined
  /** Who has left it and may not have been told. */
  readonly left: readonly string[]
}

/** Roles that have left a team and may not know it: the latest are kept. */
const leftMax = 2 * limits.teamMembersMax

/** Reads a stored team. @throws ZodError when it is of another form. */
export function fromStored({ teamId, version, data }: StoredTeam): TeamDocument {
  const { reason, rid, left, ...team } = dataSchema.parse(data)
  return { team: { teamId, version, ...team }, reason, rid, left }
}

/** The team that was found, unless it has ended. */
export function liveTeam(found: FoundTeam | undefined): Team | undefined {
  return found === undefined || found.rids.length === 0 ? undefined : fromStored(found).team
}

/** The next version of a team, as it is stored; `former` is what it comes after. */
export function toStored(change: TeamChange, former: FoundTeam | undefined): StoredTeam {
  const { team, reason, rid } = change
  const { teamId, version, ...rest } = team
  const known = former === undefined || former.told ? [] : fromStored(former).left
  const left = [...new Set([...known, ...(former?.rids ?? [])])].filter((one) => !isMember(team, one))
  const data: JsonObject = {
    ...rest,
    reason,
    ...(rid === undefined ? {} : { rid }),
    left: left.slice(-leftMax),
  }
  return { teamId, version: version + 1, rids: team.members.map((member) => member.rid), data }
}
