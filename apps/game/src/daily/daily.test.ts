import { expect, it } from 'vitest'
import { newRole } from '../role/role.ts'
import { dailyOf, onDay, withClaim, withKill } from './daily.ts'

const ada = newRole({ rid: 'r1', uid: 'u1', name: 'Ada' }, 1_000)

it('counts kills and a claim, and begins anew on a later day', () => {
  const played = withClaim(withKill(withKill(ada, '2026-11-28'), '2026-11-28'), '2026-11-28')
  expect(played.daily).toEqual({ day: '2026-11-28', kills: 2, isClaimed: true })
  expect(withKill(played, '2026-11-29').daily).toEqual({ day: '2026-11-29', kills: 1, isClaimed: false })
  expect(withClaim(played, '2026-11-29').daily).toEqual({ day: '2026-11-29', kills: 0, isClaimed: true })
})

it('is claimed once a day, also by a clock that was set back', () => {
  const claimed = withClaim(ada, '2026-11-28')
  for (const day of ['2026-11-28', '2026-11-27']) {
    expect(() => withClaim(claimed, day)).toThrow(
      expect.objectContaining({ code: 'DAILY_CLAIMED', metadata: { day: '2026-11-28' } }),
    )
  }
  expect(onDay(claimed, '2026-11-27')).toBe(claimed)
  expect(onDay(claimed, '2026-11-28')).toBe(claimed)
})

it('is shown as of the present day, whether the role has come to it or not', () => {
  const days = { dayAt: () => '2026-11-29', nextResetMs: () => 77 }
  const yesterday = withClaim(withKill(ada, '2026-11-28'), '2026-11-28')
  expect(dailyOf(yesterday, days, 0)).toEqual({
    day: '2026-11-29',
    resetsAtMs: 77,
    kills: 0,
    isClaimed: false,
  })
})
