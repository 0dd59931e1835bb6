import { HydraError, pushes, routes, type RequestOf } from '@hydra/protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import { GameFixture } from '../test-support/game-fixture.ts'
import { roleTold } from '../test-support/role-pushes.ts'
import { smallTables } from '../test-support/small-tables.ts'
import type { TestBackends } from '../test-support/test-backends.ts'
import type { TestSession } from '../test-support/test-gate.ts'
import { roleWith, storedPlayer } from '../test-support/with-items.ts'
import { startingGold } from '../role/role.ts'

const { bag, wallet, role } = routes.game
const stack = (item: string, count: number) => ({ item, count })

/** What players do with what they carry. `open` is called for each test. */
export function bagContract(open: () => Promise<TestBackends>): void {
  const fixture = new GameFixture(open, { tables: smallTables })
  let ada: TestSession & { rid: string }

  beforeEach(async () => {
    const items = [
      stack('herb', 20),
      stack('potion', 3),
      stack('scroll', 5),
      stack('purse', 2),
      stack('box', 2),
      stack('mine', 1_500),
      stack('keepsake', 1),
    ]
    const nowMs = fixture.world.clock.nowMs()
    ada = await storedPlayer(
      fixture,
      roleWith({ rid: 'ada', uid: 'u1', name: 'Ada' }, items, { tables: smallTables, nowMs }),
    )
    await fixture.gate.request(ada, role.enter, { rid: ada.rid }, fixture.game.id)
  })

  const slots = { herb: 0, potion: 1, scroll: 2, purse: 3, box: 4, mine: 5, keepsake: 6 } as const
  type Item = keyof typeof slots
  const what = (operation: number, item: Item, count = 1) => ({ operation, slot: slots[item], item, count })
  const use = (body: RequestOf<typeof bag.use>) => fixture.gate.request(ada, bag.use, body, fixture.game.id)
  const sell = (body: RequestOf<typeof bag.sell>) =>
    fixture.gate.request(ada, bag.sell, body, fixture.game.id)
  const move = (body: RequestOf<typeof bag.move>) =>
    fixture.gate.request(ada, bag.move, body, fixture.game.id)
  const carried = () => fixture.gate.request(ada, bag.get, {}, fixture.game.id)
  const all = async () => ({
    bag: await carried(),
    wallet: await fixture.gate.request(ada, wallet.get, {}, fixture.game.id),
    role: await fixture.gate.request(ada, role.get, {}, fixture.game.id),
    ledger: await fixture.gate.request(ada, wallet.ledger, { limit: 50 }, fixture.game.id),
  })

  it('is answered slot by slot, with the number of the last operation', async () => {
    const { slots: lying, ...rest } = await carried()
    expect(lying).toHaveLength(40)
    expect(lying.slice(0, 2)).toEqual([stack('herb', 20), stack('potion', 3)])
    expect(rest).toEqual({ lastOperation: 0, version: 1 })
  })

  it('is moved about in, which the ledger does not show', async () => {
    const answer = await move({ operation: 1, from: 0, to: 20, item: 'herb', count: 7 })
    expect(answer).toMatchObject({ lastOperation: 1, version: 2 })
    expect([answer.slots[0], answer.slots[20]]).toEqual([stack('herb', 13), stack('herb', 7)])
    expect((await move({ operation: 2, from: 20, to: 1, item: 'herb' })).slots.slice(1, 2)).toEqual([
      stack('herb', 7),
    ])
    expect(await carried()).toMatchObject({ lastOperation: 2, version: 3 })
    expect((await all()).ledger.entries).toHaveLength(2)
  })

  it('is used from: what comes and what goes is one entry, which the player is told of', async () => {
    const told = await roleTold(fixture.world, fixture.gate, ada.rid, pushes.game.role.rewarded)
    expect((await use(what(1, 'potion', 2))).slots[slots.potion]).toEqual(stack('potion', 1))
    expect(told).toEqual([])
    const { slots: lying } = await use(what(2, 'box'))
    expect(lying.filter((lies) => lies?.item === 'herb')).toEqual([
      stack('herb', 20),
      stack('herb', 20),
      stack('herb', 10),
    ])
    await use(what(3, 'scroll', 3))
    const { role: view } = (await all()).role
    expect(view).toMatchObject({ level: 2, exp: 80 })
    expect(told).toMatchObject([
      { reason: 'use', exp: 0, gold: 1, gems: 0, items: [stack('herb', 30)] },
      { reason: 'use', exp: 180, gold: 0, items: [], role: { level: 2, exp: 80 } },
    ])
    expect((await all()).ledger.entries.slice(0, 3)).toMatchObject([
      { seq: 5, reason: 'use', changes: { exp: 180, 'item:scroll': -3 } },
      { seq: 4, reason: 'use', changes: { gold: 1, 'item:box': -1, 'item:herb': 30 } },
      { seq: 3, reason: 'use', changes: { 'item:potion': -2 } },
    ])
  })

  it('is sold from', async () => {
    const answer = await sell(what(1, 'herb', 15))
    expect(answer).toMatchObject({ gold: startingGold + 30, lastOperation: 1 })
    expect(answer.slots[0]).toEqual(stack('herb', 5))
    expect((await all()).wallet).toMatchObject({ gold: startingGold + 30 })
  })

  it('keeps what was done when its server dies before the database has it', async () => {
    await use(what(1, 'purse'))
    const before = await all()
    await fixture.game.die()
    const other = await fixture.world.startGame()
    await fixture.gateSees(other)
    const after = await fixture.gate.request(ada, bag.get, {}, other.id)
    expect(after).toEqual(before.bag)
    await expect(fixture.gate.request(ada, bag.use, what(1, 'purse'), other.id)).rejects.toMatchObject({
      code: 'OPERATION_REPEATED',
      metadata: { lastOperation: 1 },
    })
    expect(await fixture.gate.request(ada, bag.get, {}, other.id)).toEqual(before.bag)
  })

  it('does the same request once, if it comes fifty times at one time', async () => {
    for (const [operation, request] of [
      () => use(what(1, 'purse')),
      () => sell(what(2, 'scroll')),
    ].entries()) {
      const before = await all()
      const answers = await Promise.allSettled(Array.from({ length: 50 }, request))
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      const refusals = answers.flatMap((answer) =>
        answer.status === 'rejected' ? [HydraError.from(answer.reason).code] : [],
      )
      expect(refusals).toEqual(Array.from({ length: 49 }, () => 'OPERATION_REPEATED'))
      const after = await all()
      expect(after.bag).toMatchObject({ lastOperation: operation + 1, version: before.bag.version + 1 })
      expect(after.ledger.entries).toHaveLength(before.ledger.entries.length + 1)
    }
  })

  describe('whatever a hostile client sends', () => {
    const attempts: readonly (readonly [string, string, () => Promise<unknown>])[] = [
      ...[-1, 0, 1.5, 1_000_000, Number.MAX_SAFE_INTEGER, Number.NaN, Number.POSITIVE_INFINITY].flatMap(
        (count) => [
          [`uses ${count}`, 'BAD_REQUEST', () => use(what(1, 'potion', count))] as const,
          [`sells ${count}`, 'BAD_REQUEST', () => sell(what(1, 'herb', count))] as const,
          [
            `moves ${count}`,
            'BAD_REQUEST',
            () => move({ operation: 1, from: 0, to: 9, item: 'herb', count }),
          ] as const,
        ],
      ),
      ...[-1, 0, 0.5, Number.NaN].map(
        (operation) =>
          [`operation ${operation}`, 'BAD_REQUEST', () => sell(what(operation, 'herb'))] as const,
      ),
      ...[-1, 256, 1e9, 0.5].map(
        (slot) => [`slot ${slot}`, 'BAD_REQUEST', () => sell({ ...what(1, 'herb'), slot })] as const,
      ),
      ['uses more than it has', 'ITEM_NOT_OWNED', () => use(what(1, 'potion', 4))],
      ['sells more than it has', 'ITEM_NOT_OWNED', () => sell(what(1, 'herb', 21))],
      ['sells as many as a number can say', 'ITEM_NOT_OWNED', () => sell(what(1, 'herb', 999_999))],
      ['uses what lies elsewhere', 'ITEM_NOT_OWNED', () => use({ ...what(1, 'potion'), slot: 0 })],
      [
        'uses what does not exist',
        'ITEM_NOT_OWNED',
        () => use({ ...what(1, 'potion'), item: 'philosophers-stone' }),
      ],
      ['uses out of an empty slot', 'ITEM_NOT_OWNED', () => use({ ...what(1, 'potion'), slot: 30 })],
      ['sells out of a slot beyond its bag', 'ITEM_NOT_OWNED', () => sell({ ...what(1, 'herb'), slot: 255 })],
      ['uses what cannot be used', 'ITEM_NOT_USABLE', () => use(what(1, 'keepsake'))],
      ['sells what nobody buys', 'ITEM_NOT_SELLABLE', () => sell(what(1, 'keepsake'))],
      ['becomes too rich by using', 'BALANCE_TOO_HIGH', () => use(what(1, 'mine', 1_000))],
      ['becomes too rich by selling', 'BALANCE_TOO_HIGH', () => sell(what(1, 'mine', 1_500))],
      [
        'moves what lies elsewhere',
        'ITEM_NOT_OWNED',
        () => move({ operation: 1, from: 0, to: 9, item: 'potion' }),
      ],
      [
        'moves more than lies there',
        'ITEM_NOT_OWNED',
        () => move({ operation: 1, from: 0, to: 9, item: 'herb', count: 21 }),
      ],
      ['moves beyond its bag', 'BAD_REQUEST', () => move({ operation: 1, from: 0, to: 255, item: 'herb' })],
      [
        'moves a part onto something else',
        'SLOT_TAKEN',
        () => move({ operation: 1, from: 0, to: 1, item: 'herb', count: 1 }),
      ],
      ['numbers too far', 'OPERATION_TOO_FAR', () => sell(what(1_001, 'herb'))],
      ['numbers as far as can be', 'OPERATION_TOO_FAR', () => sell(what(Number.MAX_SAFE_INTEGER, 'herb'))],
    ]

    it('is refused for what it is, and changes nothing', async () => {
      const before = await all()
      const answers: unknown[] = []
      for (const [name, , attempt] of attempts) answers.push([name, await codeOf(attempt())])
      expect(answers).toEqual(attempts.map(([name, code]) => [name, code]))
      expect(await all()).toEqual(before)
    })

    it('such as old operations, is refused, and changes nothing', async () => {
      await sell(what(5, 'herb'))
      await sell(what(900, 'herb'))
      const before = await all()
      const replays = [5, 900, 836, 1, 837] as const
      const answers = await Promise.allSettled(
        replays.slice(0, 4).map((operation) => sell(what(operation, 'herb'))),
      )
      expect(answers).toMatchObject([
        { reason: { code: 'OPERATION_TOO_OLD' } },
        { reason: { code: 'OPERATION_REPEATED' } },
        { reason: { code: 'OPERATION_TOO_OLD' } },
        { reason: { code: 'OPERATION_TOO_OLD' } },
      ])
      expect(await all()).toEqual(before)
      await sell(what(replays[4], 'herb'))
    })

    it('such as the slots of somebody else, is about its own', async () => {
      const eve = await fixture.player('Eve')
      await expect(
        fixture.gate.request(eve, bag.use, what(1, 'potion'), fixture.game.id),
      ).rejects.toMatchObject({
        code: 'ITEM_NOT_OWNED',
      })
      const foreign = { ...eve, rid: ada.rid }
      await expect(
        fixture.gate.request(foreign, bag.use, what(1, 'potion'), fixture.game.id),
      ).rejects.toMatchObject({
        code: 'ROLE_NOT_FOUND',
      })
      expect(await carried()).toMatchObject({ lastOperation: 0, version: 1 })
    })
  })
}

const codeOf = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'OK',
    (error: unknown) => HydraError.from(error).code,
  )
