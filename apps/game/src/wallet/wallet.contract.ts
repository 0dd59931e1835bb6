import { routes, type RequestOf } from '@hydra/protocol'
import { eventually } from '@hydra/testing'
import { beforeEach, expect, it } from 'vitest'
import { startingGold } from '../role/role.ts'
import { GameFixture } from '../test-support/game-fixture.ts'
import { until } from '../test-support/game-world.ts'
import type { TestBackends } from '../test-support/test-backends.ts'
import type { TestSession } from '../test-support/test-gate.ts'
import { holdsMax } from './wallet.ts'

const { wallet, role } = routes.game
const holdMaxMs = 30_000

/** What other services do with a role's gold. `open` is called for each test. */
export function walletContract(open: () => Promise<TestBackends>): void {
  const fixture = new GameFixture(open)
  let ada: TestSession & { rid: string }

  beforeEach(async () => {
    ada = await fixture.player('Ada')
  })

  type Ending = typeof wallet.settle | typeof wallet.release
  const payment = (holdId: string) => ({ rid: ada.rid, uid: ada.uid, holdId })
  const hold = (
    holdId: string,
    amount = 100,
    change: Partial<RequestOf<typeof wallet.hold>> = {},
    on = fixture.game.id,
  ) => {
    const body = { ...payment(holdId), amount, purpose: 'alliance' as const, ...change }
    return fixture.gate.peer.call(wallet.hold, body, { to: { server: on } })
  }
  const end = (route: Ending, holdId: string, on = fixture.game.id) =>
    fixture.gate.peer.call(route, payment(holdId), { to: { server: on } })
  const purse = () => fixture.gate.request(ada, wallet.get, {}, fixture.game.id)
  const leave = () => fixture.gate.leave(ada, false, fixture.game.id)
  const enter = async () => {
    ada = { ...(await fixture.gate.login(ada.uid)), rid: ada.rid }
    await fixture.gate.request(ada, role.enter, { rid: ada.rid }, fixture.game.id)
  }
  const rowWallet = async () => (await fixture.rowOf(ada.rid))?.data['wallet']

  it('is held, settled and released, each once however often it is asked', async () => {
    expect(await purse()).toEqual({ gold: startingGold, held: 0, gems: 0, version: 1 })
    for (let time = 0; time < 2; time++) {
      await hold('h1', 300)
      await hold('h2', 200)
    }
    expect(await purse()).toEqual({ gold: startingGold - 500, held: 500, gems: 0, version: 3 })
    for (let time = 0; time < 2; time++) {
      await end(wallet.settle, 'h1')
      await end(wallet.release, 'h2')
    }
    expect(await purse()).toEqual({ gold: startingGold - 300, held: 0, gems: 0, version: 5 })
    await leave()
    expect(await rowWallet()).toEqual({
      gold: startingGold - 300,
      gems: 0,
      holds: {},
      endedHolds: ['h1', 'h2'],
    })
    await enter()
    expect(await purse()).toMatchObject({ gold: startingGold - 300, held: 0 })
  })

  it('is not held when there is too little of it, or when the payment was given up before', async () => {
    await expect(hold('h1', startingGold + 1)).rejects.toMatchObject({
      code: 'FUNDS_TOO_LOW',
      metadata: { gold: startingGold, amount: startingGold + 1 },
    })
    await end(wallet.release, 'late')
    await expect(hold('late')).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    expect(await purse()).toMatchObject({ gold: startingGold, held: 0 })
  })

  it('is taken and given back also when the player has left, who is not thought to be there then', async () => {
    await hold('h1', 300)
    await hold('h2', 200)
    await leave()
    fixture.world.chat.heard.length = 0
    await end(wallet.settle, 'h1')
    await end(wallet.release, 'h2')
    await eventually(async () => fixture.isFree(ada.rid))
    expect(await rowWallet()).toEqual({
      gold: startingGold - 300,
      gems: 0,
      holds: {},
      endedHolds: ['h1', 'h2'],
    })
    expect(fixture.world.chat.heard).toEqual([])
    await enter()
    expect(await purse()).toMatchObject({ gold: startingGold - 300, held: 0 })
  })

  it('of a role elsewhere is to be asked for there, and of no such role nowhere', async () => {
    const other = await fixture.world.startGame()
    await fixture.gateSees(other)
    await until(other.registry, () => other.registry.get(fixture.game.id) !== undefined)
    const elsewhere = { code: 'ROLE_ELSEWHERE', metadata: { server: fixture.game.id } }
    await expect(hold('h1', 1, {}, other.id)).rejects.toMatchObject(elsewhere)
    await expect(end(wallet.settle, 'h1', other.id)).rejects.toMatchObject(elsewhere)
    await expect(end(wallet.release, 'h1', other.id)).rejects.toMatchObject(elsewhere)
    await expect(hold('h1', 1, { uid: 'another' })).rejects.toMatchObject({ code: 'ROLE_NOT_FOUND' })
    await expect(hold('h1', 1, { rid: 'nobody' })).rejects.toMatchObject({ code: 'ROLE_NOT_FOUND' })
  })

  it('that was held survives the death of its server', async () => {
    await hold('h1', 300)
    await fixture.game.die()
    const other = await fixture.world.startGame()
    await fixture.gateSees(other)
    await end(wallet.settle, 'h1', other.id)
    expect(await fixture.gate.request(ada, wallet.get, {}, other.id)).toMatchObject({
      gold: startingGold - 300,
      held: 0,
    })
  })

  it('that a dead caller left held is taken or given back after the role is entered', async () => {
    await hold('h1', 300)
    await hold('h2', 200)
    await leave()
    fixture.world.chat.founded.add('h1')
    fixture.world.clock.advance(holdMaxMs + 1)
    await enter()
    await eventually(async () => (await purse()).held === 0)
    expect(await purse()).toMatchObject({ gold: startingGold - 300 })
  })

  it('that a dead caller left held is looked for while the role is played', async () => {
    await hold('h1', 300)
    await eventually(async () => {
      fixture.world.clock.advance(holdMaxMs)
      return (await purse()).held === 0
    })
    expect(await purse()).toMatchObject({ gold: startingGold })
    expect(fixture.game.lines).toContainEqual(
      expect.objectContaining({ msg: 'payments that were left behind have ended' }),
    )
  })

  it('stays held while chat is away, which keeps nobody from entering', async () => {
    await hold('h1', 300)
    await leave()
    fixture.world.clock.advance(holdMaxMs + 1)
    fixture.world.chat.isAway = true
    await enter()
    expect(await purse()).toMatchObject({ held: 300 })
  })

  it('can be held again when as many payments as may be were left behind', async () => {
    for (let index = 0; index < holdsMax; index++) await hold(`h${index}`, 1)
    await expect(hold('more', 1)).rejects.toMatchObject({ code: 'HOLD_LIMIT_REACHED' })
    fixture.world.chat.isAway = true
    // Past the age at which they count as left behind, and not past a look through all roles.
    fixture.world.clock.advance(holdMaxMs)
    fixture.world.clock.advance(1)
    await expect(hold('more', 1)).rejects.toMatchObject({ code: 'HOLD_LIMIT_REACHED' })
    fixture.world.chat.isAway = false
    await hold('more', 1)
    expect(await purse()).toMatchObject({ gold: startingGold - 1, held: 1 })
  })
}
