import { pushes, routes } from '@hydra/protocol'
import { eventually } from '@hydra/testing'
import { beforeEach, expect, it } from 'vitest'
import { startingGold } from '../role/role.ts'
import { GameFixture } from '../test-support/game-fixture.ts'
import { roleTold } from '../test-support/role-pushes.ts'
import type { TestBackends } from '../test-support/test-backends.ts'
import type { TestSession } from '../test-support/test-gate.ts'

const { daily, role, wallet } = routes.game
const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** By the defaults of the configuration. */
const reward = { gold: 100, gems: 5 }

/** What counts by the day. The clock begins at midnight of the 1st of January 2026, four hours before a day does. */
export function dailyContract(open: () => Promise<TestBackends>): void {
  const fixture = new GameFixture(open)
  let ada: TestSession & { rid: string }

  beforeEach(async () => {
    ada = await fixture.player('Ada')
  })

  const get = () => fixture.gate.request(ada, daily.get, {}, fixture.game.id)
  const claim = (operation: number) => fixture.gate.request(ada, daily.claim, { operation }, fixture.game.id)
  const purse = () => fixture.gate.request(ada, wallet.get, {}, fixture.game.id)
  const untilResetMs = async () => (await get()).resetsAtMs - fixture.world.clock.nowMs()

  it('is read, and its reward claimed, once a day and operation, in one change with what it brings', async () => {
    const resetsAtMs = Date.UTC(2026, 0, 1, 4)
    expect(await get()).toEqual({ day: '2025-12-31', resetsAtMs, kills: 0, isClaimed: false })
    const { version } = await purse()
    const afterwards = { gold: startingGold + reward.gold, gems: reward.gems }
    expect(await claim(1)).toEqual({
      day: '2025-12-31',
      resetsAtMs,
      kills: 0,
      isClaimed: true,
      ...afterwards,
    })
    expect(await purse()).toMatchObject({ ...afterwards, version: version + 1 })
    await expect(claim(1)).rejects.toMatchObject({ code: 'OPERATION_REPEATED' })
    await expect(claim(2)).rejects.toMatchObject({ code: 'DAILY_CLAIMED' })
    expect(await purse()).toMatchObject({ ...afterwards, version: version + 1 })
    const { entries } = await fixture.gate.request(ada, wallet.ledger, { limit: 1 }, fixture.game.id)
    expect(entries).toMatchObject([{ reason: 'daily', ref: '2025-12-31', changes: reward }])
  })

  it('begins anew while the role is played, whose player is told', async () => {
    await claim(1)
    const told = await roleTold(fixture.world, fixture.gate, ada.rid, pushes.game.daily.reset)
    fixture.world.clock.advance((await untilResetMs()) - 1)
    expect(await get()).toMatchObject({ day: '2025-12-31', isClaimed: true })
    fixture.world.clock.advance(1)
    const today = { day: '2026-01-01', resetsAtMs: Date.UTC(2026, 0, 2, 4), kills: 0, isClaimed: false }
    await eventually(() => told.length > 0)
    expect(await get()).toEqual(today)
    expect(await claim(2)).toMatchObject({ gold: startingGold + 2 * reward.gold, isClaimed: true })
    fixture.world.clock.advance(hourMs)
    await get()
    expect(told).toEqual([today])
    expect(fixture.game.lines).toContainEqual(
      expect.objectContaining({ msg: 'a new day has begun', day: '2026-01-01', roles: 1 }),
    )
  })

  it('begins anew for who was away', async () => {
    await claim(1)
    await fixture.gate.leave(ada, false, fixture.game.id)
    fixture.world.clock.advance(3 * dayMs)
    ada = { ...(await fixture.gate.login(ada.uid)), rid: ada.rid }
    await fixture.gate.request(ada, role.enter, { rid: ada.rid }, fixture.game.id)
    await fixture.gate.leave(ada, false, fixture.game.id)
    expect((await fixture.rowOf(ada.rid))?.data['daily']).toEqual({
      day: '2026-01-03',
      kills: 0,
      isClaimed: false,
    })
  })

  it('is caught up with within a minute by a role that could not be stored at the time', async () => {
    await claim(1)
    const told = await roleTold(fixture.world, fixture.gate, ada.rid, pushes.game.daily.reset)
    fixture.world.clock.advance((await untilResetMs()) - 1)
    await get()
    for (const store of ['journal', 'roles']) fixture.game.faults.down.add(store)
    fixture.world.clock.advance(1)
    await eventually(() =>
      fixture.game.lines.some(({ msg }) => msg === 'roles were not brought to the new day; trying again'),
    )
    expect(told).toEqual([])
    fixture.game.faults.heal()
    await eventually(() => {
      fixture.world.clock.advance(60_000)
      return told.length > 0
    })
    expect(told).toMatchObject([{ day: '2026-01-01' }])
  })
}
