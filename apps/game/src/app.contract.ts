import { limits, routes } from '@hydra/protocol'
import { eventually } from '@hydra/testing'
import { describe, expect, it } from 'vitest'
import { GameFixture } from './test-support/game-fixture.ts'
import { until } from './test-support/game-world.ts'
import type { TestBackends } from './test-support/test-backends.ts'
import type { TestSession } from './test-support/test-gate.ts'

const { create, enter, get, list, ping, rename } = routes.game.role
const graceMs = 5_000

/** What the game service does, over calls and stores, whatever they are. `open` is called for each test. */
export function gameAppContract(open: () => Promise<TestBackends>): void {
  const fixture = new GameFixture(open)

  describe('a role', () => {
    it('is created, entered, renamed, read, left, and everything is found in the database', async () => {
      const session = await fixture.gate.login('u1')
      const { role } = await fixture.gate.request(session, create, { name: 'Ada' }, fixture.game.id)
      expect(role).toMatchObject({ name: 'Ada', level: 1, lastEnterAtMs: 0, version: 0 })
      expect((await fixture.gate.request(session, list, {}, fixture.game.id)).roles).toEqual([
        { rid: role.rid, name: 'Ada', level: 1 },
      ])
      fixture.world.clock.advance(1_000)
      const entered = await fixture.gate.request(session, enter, { rid: role.rid }, fixture.game.id)
      expect(entered.role).toMatchObject({ lastEnterAtMs: fixture.world.clock.nowMs(), version: 1 })
      expect(session.rid).toBe(role.rid)

      const renamed = await fixture.gate.request(session, rename, { name: 'Grace' }, fixture.game.id)
      expect(renamed.role).toMatchObject({ name: 'Grace', version: 2 })
      expect(await fixture.gate.request(session, get, {}, fixture.game.id)).toEqual(renamed)
      expect((await fixture.gate.request(session, list, {}, fixture.game.id)).roles).toMatchObject([
        { name: 'Grace' },
      ])
      expect(await fixture.gate.request(session, ping, { clientTimeMs: 5 }, fixture.game.id)).toEqual({
        clientTimeMs: 5,
        serverTimeMs: fixture.world.clock.nowMs(),
      })

      await expect(fixture.gate.leave(session, false, fixture.game.id)).resolves.toBe('saved')
      expect(await fixture.rowOf(role.rid)).toMatchObject({ name: 'Grace', version: 2, uid: 'u1' })
      expect(await fixture.recordOf('u1')).toBeUndefined()
      expect(await fixture.isFree(role.rid)).toBe(true)
      expect(fixture.world.chat.heard).toEqual([
        `enter ${role.rid} Ada 1`,
        `update ${role.rid} Grace 1`,
        `leave ${role.rid}`,
      ])
      expect(await fixture.world.roleLeft(role.rid)).toMatchObject({
        uid: 'u1',
        sessionId: session.sessionId,
        reason: 'CLIENT_CLOSED',
        version: 2,
      })
    })

    it('is told of to other services, each thing once', async () => {
      const session = await fixture.gate.login('u1')
      const { sessionId, gateId } = session
      const { role } = await fixture.gate.request(session, create, { name: 'Ada' }, fixture.game.id)
      const { rid } = role
      await fixture.gate.request(session, enter, { rid }, fixture.game.id)
      for (const name of ['Ada', 'Grace', 'Grace'])
        await fixture.gate.request(session, rename, { name }, fixture.game.id)
      await fixture.gate.leave(session, false, fixture.game.id)
      await fixture.world.roleLeft(rid)
      await eventually(() => fixture.world.roleEvents.length >= 3)
      expect(fixture.world.roleEvents).toEqual([
        ['game.role.created', { rid, uid: 'u1', name: 'Ada' }],
        ['game.role.entered', { rid, uid: 'u1', name: 'Ada', level: 1, sessionId, gateId }],
        ['game.role.renamed', { rid, uid: 'u1', name: 'Grace', former: 'Ada' }],
      ])
    })

    it('has a name that no other role has, also after a rename', async () => {
      const [ada, bob] = [await fixture.player('Ada'), await fixture.player('Bob')]
      await expect(fixture.gate.request(bob, create, { name: 'ADA' }, fixture.game.id)).rejects.toMatchObject(
        {
          code: 'NAME_TAKEN',
        },
      )
      await expect(fixture.gate.request(bob, rename, { name: 'ada' }, fixture.game.id)).rejects.toMatchObject(
        {
          code: 'NAME_TAKEN',
        },
      )
      expect((await fixture.gate.request(bob, get, {}, fixture.game.id)).role).toMatchObject({
        name: 'Bob',
        version: 1,
      })

      await fixture.gate.request(ada, rename, { name: 'Grace' }, fixture.game.id)
      await fixture.gate.request(bob, rename, { name: 'Ada' }, fixture.game.id)
      await expect(fixture.gate.request(ada, rename, { name: 'Ada' }, fixture.game.id)).rejects.toMatchObject(
        {
          code: 'NAME_TAKEN',
        },
      )
      await expect(
        fixture.gate.request(ada, rename, { name: 'GRACE' }, fixture.game.id),
      ).resolves.toMatchObject({
        role: { name: 'GRACE' },
      })
    })

    it('keeps one name when it is renamed twice at the same time', async () => {
      const ada = await fixture.player('Ada')
      await Promise.all(
        ['One', 'Two'].map((name) => fixture.gate.request(ada, rename, { name }, fixture.game.id)),
      )
      expect((await fixture.gate.request(ada, get, {}, fixture.game.id)).role.name).toBe('Two')
      const other = await fixture.gate.login('u2')
      await expect(
        fixture.gate.request(other, create, { name: 'two' }, fixture.game.id),
      ).rejects.toMatchObject({
        code: 'NAME_TAKEN',
      })
      await fixture.gate.request(other, create, { name: 'One' }, fixture.game.id)
      await fixture.gate.request(other, create, { name: 'Ada' }, fixture.game.id)
    })

    it('gives back a name that an interrupted rename has left reserved', async () => {
      const session = await fixture.gate.login('u1')
      const { role } = await fixture.gate.request(session, create, { name: 'Ada' }, fixture.game.id)
      await fixture.world.storage.roles.claimName(role.rid, 'Leftover')
      await fixture.gate.request(session, enter, { rid: role.rid }, fixture.game.id)
      await fixture.gate.request(session, create, { name: 'Leftover' }, fixture.game.id)
    })

    it('is refused beyond the limit of its account', async () => {
      const session = await fixture.gate.login('u1')
      for (let index = 0; index < limits.rolesPerAccountMax; index++) {
        await fixture.gate.request(session, create, { name: `Role ${index}` }, fixture.game.id)
      }
      await expect(
        fixture.gate.request(session, create, { name: 'Too many' }, fixture.game.id),
      ).rejects.toMatchObject({
        code: 'ROLE_LIMIT_REACHED',
      })
      expect((await fixture.gate.request(session, list, {}, fixture.game.id)).roles).toHaveLength(
        limits.rolesPerAccountMax,
      )
    })

    it('of another account, or none, cannot be entered', async () => {
      const ada = await fixture.player('Ada')
      const thief = await fixture.gate.login('u2')
      for (const rid of [ada.rid, 'nobody']) {
        await expect(fixture.gate.request(thief, enter, { rid }, fixture.game.id)).rejects.toMatchObject({
          code: 'ROLE_NOT_FOUND',
        })
      }
      expect(thief.rid).toBeUndefined()
      await fixture.gate.request(ada, ping, {}, fixture.game.id)
    })

    it('is left for another one of the same session', async () => {
      const session: TestSession = await fixture.player('Ada')
      const first = session.rid
      const { role } = await fixture.gate.request(session, create, { name: 'Second' }, fixture.game.id)
      await fixture.gate.request(session, enter, { rid: role.rid }, fixture.game.id)
      expect(await fixture.world.roleLeft(String(first))).toMatchObject({ reason: 'LOGGED_OUT' })
      expect(fixture.world.chat.heard).toEqual([
        `enter ${first} Ada 1`,
        `leave ${first}`,
        `enter ${role.rid} Second 1`,
      ])
      expect(await fixture.recordOf(session.uid)).toMatchObject({ sessionId: session.sessionId })
    })

    it('is entered without chat', async () => {
      fixture.world.chat.isAway = true
      const ada = await fixture.player('Ada')
      await fixture.gate.request(ada, ping, {}, fixture.game.id)
      expect(fixture.game.lines).toContainEqual(
        expect.objectContaining({ route: 'chat.presence.enter', level: 'warn' }),
      )
    })
  })

  describe('a session that ends', () => {
    it('has its role saved after the grace', async () => {
      const ada = await fixture.player('Ada')
      await expect(fixture.gate.leave(ada, true, fixture.game.id)).resolves.toBe('grace')
      expect(await fixture.recordOf(ada.uid)).toBeDefined()
      fixture.world.clock.advance(graceMs)
      await fixture.world.roleLeft(ada.rid)
      expect(await fixture.rowOf(ada.rid)).toMatchObject({ version: 1 })
      expect(await fixture.recordOf(ada.uid)).toBeUndefined()
      expect(await fixture.isFree(ada.rid)).toBe(true)
    })

    it('can be followed by another within the grace, as if nothing had happened', async () => {
      const before = await fixture.player('Ada')
      await fixture.gate.leave(before, true, fixture.game.id)
      const after = await fixture.gate.login(before.uid)
      await fixture.gate.request(after, enter, { rid: before.rid }, fixture.game.id)
      fixture.world.clock.advance(2 * graceMs)
      expect((await fixture.gate.request(after, get, {}, fixture.game.id)).role.version).toBe(2)
      expect(fixture.game.faults.calls.get('journal.acquire')).toBe(1)
    })

    it('cannot act or take the role with it once a newer one has entered', async () => {
      const before = await fixture.player('Ada')
      const after = await fixture.gate.login(before.uid)
      await fixture.gate.request(after, enter, { rid: before.rid }, fixture.game.id)
      await expect(fixture.gate.request(before, get, {}, fixture.game.id)).rejects.toMatchObject({
        code: 'SESSION_ENDED',
      })
      await expect(fixture.gate.leave(before, false, fixture.game.id)).resolves.toBe('superseded')
      await expect(fixture.gate.leave(before, true, fixture.game.id)).resolves.toBe('superseded')
      fixture.world.clock.advance(2 * graceMs)
      await fixture.gate.request(after, get, {}, fixture.game.id)
      expect(await fixture.recordOf(after.uid)).toMatchObject({ sessionId: after.sessionId })
    })

    it('keeps its role in memory until a database that was away has it', async () => {
      const ada = await fixture.player('Ada')
      fixture.game.faults.down.add('roles')
      let state: string | undefined
      const left = fixture.gate.leave(ada, false, fixture.game.id).then((answer) => (state = answer))
      await eventually(() => fixture.game.faults.calls.get('roles.saveAll') ?? false)
      expect(state).toBeUndefined()
      expect(await fixture.recordOf(ada.uid)).toBeDefined()
      fixture.game.faults.heal()
      await eventually(() => {
        fixture.world.clock.advance(1_000)
        return state !== undefined
      })
      await expect(left).resolves.toBe('saved')
      expect(await fixture.rowOf(ada.rid)).toMatchObject({ version: 1 })
      expect(await fixture.isFree(ada.rid)).toBe(true)
    })

    it('is noticed when its gate leaves the cluster', async () => {
      const ada = await fixture.player('Ada')
      await fixture.world.startGate()
      await fixture.gate.cluster.close()
      await until(fixture.game.registry, () => fixture.game.registry.get(fixture.gate.peer.id) === undefined)
      await eventually(() => fixture.game.lines.some(({ msg }) => String(msg).startsWith('a gate has left')))
      fixture.world.clock.advance(graceMs)
      expect(await fixture.world.roleLeft(ada.rid)).toMatchObject({ reason: 'GATE_LOST' })
      expect(await fixture.recordOf(ada.uid)).toBeUndefined()
    })
  })
}
