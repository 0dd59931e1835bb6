import { pushes, routes, type LedgerEntry } from '@hydra/protocol'
import { eventually } from '@hydra/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { withKillCounted } from '../test-support/with-items.ts'
import { startingGold } from '../role/role.ts'
import { GameFixture } from '../test-support/game-fixture.ts'
import { roleTold } from '../test-support/role-pushes.ts'
import { smallTables } from '../test-support/small-tables.ts'
import type { TestBackends } from '../test-support/test-backends.ts'
import type { TestSession } from '../test-support/test-gate.ts'
import { holdsMax } from '../wallet/wallet.ts'
import { grant } from './grant.ts'
import { pageEntries, ringMax } from './ledger-ring.ts'

const { wallet, role } = routes.game

/** Rewards, and the book that is kept of all value. `open` is called for each test. */
export function ledgerContract(open: () => Promise<TestBackends>): void {
  const fixture = new GameFixture(open, { tables: smallTables, ledgerPagesMax: 3 })
  let ada: TestSession & { rid: string }
  let game: typeof fixture.game

  beforeEach(async () => {
    ada = await fixture.player('Ada')
    game = fixture.game
  })

  const kill = (ref: string, gold = 1, on = game) =>
    grant(on.game, ada, { reason: 'kill', ref, exp: 1, gold })
  const kills = async (from: number, to: number) => {
    for (let index = from; index < to; index++) await kill(`k${index}`)
  }
  const page = async (beforeSeq?: number, limit = 50) => {
    const body = beforeSeq === undefined ? { limit } : { limit, beforeSeq }
    return (await fixture.gate.request(ada, wallet.ledger, body, game.id)).entries
  }
  const whole = async () => {
    const entries: LedgerEntry[] = []
    for (let next = await page(); next.length > 0; next = await page(next.at(-1)?.seq)) entries.push(...next)
    return entries
  }
  const numbers = (entries: readonly LedgerEntry[]) => entries.map(({ seq }) => seq)
  const down = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, index) => from - index)
  const ring = () => game.game.actors.peek(ada.rid)?.ledger.entries ?? []
  const purse = () => fixture.gate.request(ada, wallet.get, {}, game.id)
  const failOver = async () => {
    await game.die()
    game = await fixture.world.startGame()
    await fixture.gateSees(game)
  }
  const archived = async (length: number) => {
    await eventually(() => {
      fixture.world.clock.advance(1_000)
      return ring().length <= length
    })
  }

  it('begins with what a role starts with, and shows the latest first, by the page', async () => {
    await kills(0, 4)
    const { entries } = await fixture.gate.request(ada, wallet.ledger, { limit: 2 }, game.id)
    expect(entries).toMatchObject([
      { seq: 5, reason: 'kill', ref: 'k3', changes: { gold: 1, exp: 1 } },
      { seq: 4, reason: 'kill', ref: 'k2' },
    ])
    expect(await page(4, 10)).toMatchObject([
      { seq: 3 },
      { seq: 2 },
      { seq: 1, reason: 'opening', changes: { gold: startingGold } },
    ])
    expect(await page(1)).toEqual([])
  })

  it('is archived page by page, and read on from there', async () => {
    await kills(0, 100)
    await archived(63)
    expect(ring().length).toBeGreaterThanOrEqual(pageEntries)
    expect(numbers(await whole())).toEqual(down(101, 1))
    expect(numbers(await page(40, 20))).toEqual(down(39, 20))
    expect(numbers(await page(33, 1))).toEqual([32])
    await failOver()
    expect(numbers(await whole())).toEqual(down(101, 1))
  })

  it('keeps as many pages as it may', async () => {
    await kills(0, 230)
    await archived(63)
    const { objects } = await fixture.world.storage.objects.list(ada.rid, 'ledger')
    expect(objects).toHaveLength(3)
    const entries = numbers(await whole())
    expect(entries).toEqual(down(231, entries.at(-1) ?? 0))
    expect(entries.length).toBeGreaterThanOrEqual(3 * pageEntries + 32)
  })

  it('grows while the database is away, refuses then, and is archived when it is back', async () => {
    await fixture.gate.peer.call(
      wallet.hold,
      { rid: ada.rid, uid: ada.uid, holdId: 'h1', amount: 5, purpose: 'alliance' },
      { to: { server: game.id } },
    )
    game.faults.down.add('objects')
    const fill = async () => {
      for (let index = 0; index < ringMax; index++) await kill(`k${index}`)
    }
    await expect(fixture.whileTimePasses(fill)).rejects.toMatchObject({ code: 'SERVER_BUSY' })
    expect(ring()).toHaveLength(ringMax - holdsMax)
    const { gold } = await purse()
    await fixture.gate.peer.call(
      wallet.release,
      { rid: ada.rid, uid: ada.uid, holdId: 'h1' },
      { to: { server: game.id } },
    )
    expect(await purse()).toMatchObject({ gold: gold + 5, held: 0 })
    game.faults.heal()
    await archived(63)
    await kill('again')
    expect(ring().at(-1)).toMatchObject({ ref: 'again' })
  })

  it.each(['lost', 'down'] as const)(
    'has each entry once when its archive is %s and the server dies',
    async (fault) => {
      game.faults[fault].add('objects.put')
      await kills(0, 80)
      await eventually(() => (game.faults.calls.get('objects.put') ?? 0) > 0)
      expect(ring()).toHaveLength(81)
      await failOver()
      await fixture.gate.request(ada, role.get, {}, game.id)
      await archived(63)
      expect(numbers(await whole())).toEqual(down(81, 1))
      expect((await purse()).gold).toBe(startingGold + 80)
    },
  )

  describe('a reward', () => {
    it('is given once, however often, and the player is told once', async () => {
      const told = await roleTold(fixture.world, fixture.gate, ada.rid, pushes.game.role.rewarded)
      const loot = { reason: 'loot', ref: 'l1', items: [{ item: 'herb', count: 3 }] } as const
      const states = await Promise.all(Array.from({ length: 50 }, () => grant(game.game, ada, loot)))
      expect(new Set(states.map(({ version }) => version)).size).toBe(1)
      await kill('k1', 7)
      await eventually(() => told.length === 2)
      expect(told).toMatchObject([
        { reason: 'loot', exp: 0, gold: 0, items: [{ item: 'herb', count: 3 }] },
        { reason: 'kill', exp: 1, gold: 7, items: [], role: { exp: 1 } },
      ])
      expect(numbers(await whole())).toEqual([3, 2, 1])
    })

    it('does what else belongs to it in the same change, once', async () => {
      const entry = { reason: 'kill', ref: 'k1', exp: 1 } as const
      for (let time = 0; time < 3; time++) await grant(game.game, ada, entry, { also: withKillCounted })
      expect(game.game.actors.peek(ada.rid)).toMatchObject({ daily: { kills: 1 }, exp: 1, version: 2 })
    })

    it('that has no room is refused, and nothing of it is given', async () => {
      const loot = { reason: 'loot', ref: 'l1', gold: 5, items: [{ item: 'keepsake', count: 41 }] } as const
      await expect(grant(game.game, ada, loot)).rejects.toMatchObject({ code: 'BAG_FULL' })
      expect(await purse()).toMatchObject({ gold: startingGold, version: 1 })
    })

    it('is tried again while a store is away, and given once when an answer was lost', async () => {
      const saves = () => game.faults.calls.get('roles.saveAll') ?? 0
      game.faults.down.add('journal.append').add('roles.saveAll')
      await fixture.whileTimePasses(async () => {
        const given = kill('k1', 7)
        await eventually(() => saves() > 1)
        game.faults.heal()
        game.faults.lost.add('journal.append').add('roles.saveAll')
        const before = saves()
        await eventually(() => saves() > before)
        game.faults.heal()
        await given
      }, 20)
      expect((await purse()).gold).toBe(startingGold + 7)
      expect(numbers(await whole())).toEqual([2, 1])
    })

    it('of which nobody knows whether it was given is not said to be refused', async () => {
      game.faults.lost.add('journal.append').add('roles.saveAll')
      await expect(fixture.whileTimePasses(() => kill('k1', 7))).rejects.toMatchObject({
        code: 'STORAGE_UNAVAILABLE',
      })
      game.faults.heal()
      await failOver()
      // The new server finds out, and giving it again does no harm.
      await kill('k1', 7)
      expect((await purse()).gold).toBe(startingGold + 7)
      expect(numbers(await whole())).toEqual([2, 1])
    })

    it('is given to a role that its player has left', async () => {
      await fixture.gate.leave(ada, false, game.id)
      await expect(kill('k1', 7)).resolves.toMatchObject({ wallet: { gold: startingGold + 7 } })
      await eventually(async () => fixture.isFree(ada.rid))
    })
  })
}
