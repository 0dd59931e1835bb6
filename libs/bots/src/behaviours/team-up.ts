import { routes, type SceneEntity } from '@hydra/protocol'
import type { Actor } from '../actor.ts'
import { behaviour, type Behaviour } from '../script/behaviour.ts'
import { orCode } from './refusals.ts'
import { nearest } from './walk.ts'

const { team } = routes.game

/** What happens to somebody who teams up while all the others do so too. */
const usual = [
  'TEAM_NOT_FOUND',
  'TEAM_REQUEST_NOT_FOUND',
  'TEAM_FULL',
  'TEAM_REQUESTS_FULL',
  'ALREADY_IN_TEAM',
  'NOT_IN_TEAM',
  'NOT_TEAM_LEADER',
  'ROLE_OFFLINE',
] as const

/** How teams come and go. */
export interface TeamUpOptions {
  /** How likely it is, where the role is in a team, that it leaves. Default 0.2. */
  readonly leaves?: number
}

/**
 * Accepts an invitation, or else invites somebody in view, with a team made for it where there is none; now and then
 * leaves.
 */
export const teamUp = ({ leaves = 0.2 }: TeamUpOptions = {}): Behaviour =>
  behaviour('team up', async (me) => {
    const [mood, which] = [me.random(), me.random()]
    const { companions } = me
    companions.know((await me.request(team.get, {})).team)
    if (companions.team === undefined) {
      if (await accept(me)) return
      const made = await orCode(me.request(team.create, {}), usual)
      if (made.code === undefined) companions.know(made.value.team)
    } else if (mood < leaves) {
      const left = await orCode(me.request(team.leave, {}), usual)
      if (left.code === undefined) companions.know(null)
      return
    }
    if (companions.team?.leaderRid === me.rid) await invite(me, which)
  })

async function accept(me: Actor): Promise<boolean> {
  const invitation = me.companions.invitations.at(-1)
  if (invitation === undefined) return false
  const { teamId } = invitation
  const accepted = await orCode(me.request(team.accept, { teamId }), usual)
  me.companions.forget(teamId)
  if (accepted.code === undefined) me.companions.know(accepted.value.team)
  return accepted.code === undefined
}

async function invite(me: Actor, which: number): Promise<void> {
  const members = new Set(me.companions.team?.members.map(({ rid }) => rid))
  const isOther = ({ k, r }: SceneEntity) => k === 'p' && r !== undefined && !members.has(r)
  const others = await nearest(me, isOther)
  const rid = others[Math.floor(which * others.length)]?.r
  if (rid !== undefined) await orCode(me.request(team.invite, { rid }), usual)
}
