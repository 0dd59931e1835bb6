import { HydraError, type ResponseOf, type routes } from '@hydra/protocol'
import type { RoleState } from '../role/role.ts'
import type { GameDays } from './game-day.ts'

/** What counts by the day. */
export type Daily = Readonly<{
  /** The day that the rest is about, such as `2026-11-28`; `''`: none yet. */
  day: string
  kills: number
  isClaimed: boolean
}>

/** Of a role that was not played on any day. */
export const neverPlayed: Daily = Object.freeze({ day: '', kills: 0, isClaimed: false })

/**
 * The role on a day: what counts by the day begins anew when the day is later than the role's. The same value when it is
 * not: a clock that was set back must not give a day's reward twice.
 */
export function onDay(role: RoleState, day: string): RoleState {
  return role.daily.day < day ? { ...role, daily: { ...neverPlayed, day } } : role
}

/** The role with one more monster killed on a day. */
export function withKill(role: RoleState, day: string): RoleState {
  const today = onDay(role, day)
  return { ...today, daily: { ...today.daily, kills: today.daily.kills + 1 } }
}

/**
 * The role with the reward of a day claimed; what the reward is comes by `withEntry`, in the same change.
 *
 * @throws HydraError `DAILY_CLAIMED`.
 */
export function withClaim(role: RoleState, day: string): RoleState {
  const today = onDay(role, day)
  if (today.daily.isClaimed) {
    throw new HydraError(
      'DAILY_CLAIMED',
      `The reward of ${today.daily.day} was claimed before; the next one comes with the next day.`,
      { metadata: { day: today.daily.day } },
    )
  }
  return { ...today, daily: { ...today.daily, isClaimed: true } }
}

/** What its own player sees at a moment. */
export function dailyOf(
  role: RoleState,
  days: Pick<GameDays, 'dayAt' | 'nextResetMs'>,
  nowMs: number,
): ResponseOf<typeof routes.game.daily.get> {
  const { day, kills, isClaimed } = onDay(role, days.dayAt(nowMs)).daily
  return { day, resetsAtMs: days.nextResetMs(nowMs), kills, isClaimed }
}
