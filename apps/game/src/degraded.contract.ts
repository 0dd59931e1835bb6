import { routes } from '@hydra/protocol'
import { eventually } from '@hydra/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { GameFixture } from './test-support/game-fixture.ts'
import { until } from './test-support/game-world.ts'
import type { TestBackends } from './test-support/test-backends.ts'
import type { TestSession } from './test-support/test-gate.ts'

const { enter, get, rename } = routes.game.role

/** How game goes on while a store is away. `open` is called for each test. */
export function degradedContract(open: () => Promise<TestBackends>): void {
  const fixture = new GameFixture(open)
  let ada: TestSession & { rid: string }

  beforeEach(async () => {
    ada = await fixture.player('Ada')
  })

  /** A change of the role and of nothing else. */
  const change = async (session = ada, on = fixture.game.id) => {
    fixture.world.clock.advance(1)
    const { role } = await fixture.gate.request(session, enter, { rid: session.rid ?? '' }, on)
    return role.version
  }
  const rowVersion = async () => (await fixture.rowOf(ada.rid))?.version
  const modeOf = async () => (await fixture.game.readiness.report()).checks['role data']
  const gauge = async (store: 'journal' | 'database') =>
    new RegExp(`^hydra_role_queue_${store}_away\\{.*\\} (\\d)$`, 'm').exec(
      await fixture.game.metrics.expose(),
    )?.[1]
  const messages = () => fixture.game.lines.map(({ msg }) => msg)
  const leave = () => fixture.gate.leave(ada, false, fixture.game.id)

  describe('database away', () => {
    it('serves from memory, journals, and catches up', async () => {
      fixture.game.faults.down.add('roles')
      const version = await change()
      fixture.world.clock.advance(1_000)
      await eventually(async () => (await modeOf()) !== 'ok')
      expect(await modeOf()).toBe('The database is away: 1 changed roles wait for it in the journal.')
      expect(await gauge('database')).toBe('1')
      expect(await change()).toBe(version + 1)
      expect(await rowVersion()).toBe(0)
      fixture.game.faults.heal()
      await eventually(async () => {
        fixture.world.clock.advance(1_000)
        return (await rowVersion()) === version + 1
      })
      expect(await modeOf()).toBe('ok')
      expect(messages()).toEqual(
        expect.arrayContaining(['the database is away', 'the database is back; catching up']),
      )
    })
  })

  describe('journal away', () => {
    beforeEach(() => {
      fixture.game.faults.down.add('journal')
      fixture.game.faults.down.add('sessions')
    })

    it('has each change in the database before it answers', async () => {
      const version = await change()
      expect(await rowVersion()).toBe(version)
      expect(await modeOf()).toBe('The journal is away: changes of roles go straight to the database.')
      expect(await gauge('journal')).toBe('1')
      expect(messages()).toContain('the journal is away; role changes go straight to the database')
      fixture.game.faults.heal()
      fixture.world.clock.advance(10_000)
      await change()
      expect(await modeOf()).toBe('ok')
      await expect(leave()).resolves.toBe('saved')
      expect(await fixture.isFree(ada.rid)).toBe(true)
    })

    it('loads from its row a role that was given up in good order, and the others follow', async () => {
      fixture.game.faults.heal()
      await leave()
      fixture.game.faults.down.add('journal')
      fixture.game.faults.down.add('sessions')
      const other = await fixture.world.startGame()
      await fixture.gateSees(other)
      await until(other.registry, () => other.registry.get(fixture.game.id) !== undefined)

      const again = { ...(await fixture.gate.login(ada.uid)), rid: ada.rid }
      const version = await change(again)
      expect(await rowVersion()).toBe(version)
      // For the other one the journal is there, and knows of no owner; the row does.
      await expect(fixture.gate.request(again, get, {}, other.id)).rejects.toMatchObject({
        code: 'ROLE_ELSEWHERE',
        metadata: { server: fixture.game.id },
      })
      fixture.game.faults.heal()
      await eventually(async () => {
        fixture.world.clock.advance(5_000)
        const [owner] = await fixture.world.storage.stores.roleJournal.ownersOf([ada.rid])
        return owner?.owner === fixture.game.id
      })
      expect(await change(again)).toBe(version + 1)
      await expect(fixture.gate.leave(again, false, fixture.game.id)).resolves.toBe('saved')
      expect(await rowVersion()).toBe(version + 1)
      expect(await fixture.isFree(ada.rid)).toBe(true)
    })

    it('does not load a role of a server that died until it knows what that left', async () => {
      fixture.game.faults.heal()
      const other = await fixture.world.startGame()
      await fixture.gateSees(other)
      const version = await change()
      other.faults.down.add('journal')
      await fixture.game.die()
      await until(other.registry, () => other.registry.get(fixture.game.id) === undefined)
      const refused = fixture.gate.request(ada, get, {}, other.id)
      await expect(refused).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
      other.faults.heal()
      const { role } = await fixture.gate.request(ada, get, {}, other.id)
      expect(role.version).toBe(version)
    })
  })

  describe('both away', () => {
    it('refuses changes, keeps what is in memory, and recovers', async () => {
      const version = await change()
      for (const store of ['journal', 'roles']) fixture.game.faults.down.add(store)
      await expect(change()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
      await expect(
        fixture.gate.request(ada, rename, { name: 'Grace' }, fixture.game.id),
      ).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
      expect(await fixture.gate.request(ada, get, {}, fixture.game.id)).toMatchObject({
        role: { name: 'Ada', version },
      })
      await eventually(async () => {
        fixture.world.clock.advance(1_000)
        return (await gauge('database')) === '1' && (await gauge('journal')) === '1'
      })
      expect(await modeOf()).toBe(
        'Journal and database are away: changes of roles are refused until one of them is back.',
      )
      fixture.game.faults.heal()
      fixture.world.clock.advance(10_000)
      expect(await change()).toBeGreaterThan(version)
      await expect(leave()).resolves.toBe('saved')
      expect(await fixture.isFree(ada.rid)).toBe(true)
    })
  })
}
