import { limits, routes } from '@hydra/protocol'
import { eventually } from '@hydra/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { GameWorld, until, type TestGame } from './test-support/game-world.ts'
import type { TestBackends } from './test-support/test-backends.ts'
import type { TestGate, TestSession } from './test-support/test-gate.ts'

const { create, enter, get, list, ping, rename } = routes.game.role
const graceMs = 5_000

/** What the game service does, over calls and stores, whatever they are. `open` is called for each test. */
export function gameAppContract(open: () => Promise<TestBackends>): void {
  let world: GameWorld
  let game: TestGame
  let gate: TestGate

  beforeEach(async () => {
    world = new GameWorld(await open())
    await world.startChat()
    game = await world.startGame()
    gate = await world.startGate()
    await sees(gate, game)
  })
  afterEach(() => world.close())

  const sees = (observer: TestGate, { id }: { readonly id: string }) => {
    const { registry } = observer.cluster
    return until(registry, () => registry.get(id) !== undefined && registry.list('chat').length > 0)
  }
  /** A new account that has entered a new role. */
  const player = async (name: string, on = game): Promise<TestSession & { rid: string }> => {
    const session = await gate.login(`uid-${name}`)
    const { role } = await gate.request(session, create, { name }, on.id)
    await gate.request(session, enter, { rid: role.rid }, on.id)
    return { ...session, rid: role.rid }
  }
  const rowOf = (rid: string) => world.storage.roles.find(rid)
  const recordOf = (uid: string) => world.storage.stores.sessions.get(uid)
  const isFree = async (rid: string): Promise<boolean> => {
    const { roleJournal } = world.storage.stores
    if ((await roleJournal.unsaved(1_000)).length > 0) return false
    const acquired = await roleJournal.acquire(rid, 'somebody')
    return acquired.owned && (await roleJournal.release(rid, acquired.epoch))
  }

  describe('a role', () => {
    it('is created, entered, renamed, read, left, and everything is found in the database', async () => {
      const session = await gate.login('u1')
      const { role } = await gate.request(session, create, { name: 'Ada' }, game.id)
      expect(role).toMatchObject({ name: 'Ada', level: 1, lastEnterAtMs: 0, version: 0 })
      expect((await gate.request(session, list, {}, game.id)).roles).toEqual([
        { rid: role.rid, name: 'Ada', level: 1 },
      ])
      world.clock.advance(1_000)
      const entered = await gate.request(session, enter, { rid: role.rid }, game.id)
      expect(entered.role).toMatchObject({ lastEnterAtMs: world.clock.nowMs(), version: 1 })
      expect(session.rid).toBe(role.rid)

      const renamed = await gate.request(session, rename, { name: 'Grace' }, game.id)
      expect(renamed.role).toMatchObject({ name: 'Grace', version: 2 })
      expect(await gate.request(session, get, {}, game.id)).toEqual(renamed)
      expect((await gate.request(session, list, {}, game.id)).roles).toMatchObject([{ name: 'Grace' }])
      expect(await gate.request(session, ping, { clientTimeMs: 5 }, game.id)).toEqual({
        clientTimeMs: 5,
        serverTimeMs: world.clock.nowMs(),
      })

      await expect(gate.leave(session, false, game.id)).resolves.toBe('saved')
      expect(await rowOf(role.rid)).toMatchObject({ name: 'Grace', version: 2, uid: 'u1' })
      expect(await recordOf('u1')).toBeUndefined()
      expect(await isFree(role.rid)).toBe(true)
      expect(world.chatHeard).toEqual([
        `enter ${role.rid} Ada`,
        `rename ${role.rid} Grace`,
        `leave ${role.rid}`,
      ])
      expect(await world.roleLeft(role.rid)).toMatchObject({
        uid: 'u1',
        sessionId: session.sessionId,
        reason: 'CLIENT_CLOSED',
        version: 2,
      })
    })

    it('has a name that no other role has, also after a rename', async () => {
      const [ada, bob] = [await player('Ada'), await player('Bob')]
      await expect(gate.request(bob, create, { name: 'ADA' }, game.id)).rejects.toMatchObject({
        code: 'NAME_TAKEN',
      })
      await expect(gate.request(bob, rename, { name: 'ada' }, game.id)).rejects.toMatchObject({
        code: 'NAME_TAKEN',
      })
      expect((await gate.request(bob, get, {}, game.id)).role).toMatchObject({ name: 'Bob', version: 1 })

      await gate.request(ada, rename, { name: 'Grace' }, game.id)
      await gate.request(bob, rename, { name: 'Ada' }, game.id)
      await expect(gate.request(ada, rename, { name: 'Ada' }, game.id)).rejects.toMatchObject({
        code: 'NAME_TAKEN',
      })
      await expect(gate.request(ada, rename, { name: 'GRACE' }, game.id)).resolves.toMatchObject({
        role: { name: 'GRACE' },
      })
    })

    it('keeps one name when it is renamed twice at the same time', async () => {
      const ada = await player('Ada')
      await Promise.all(['One', 'Two'].map((name) => gate.request(ada, rename, { name }, game.id)))
      expect((await gate.request(ada, get, {}, game.id)).role.name).toBe('Two')
      const other = await gate.login('u2')
      await expect(gate.request(other, create, { name: 'two' }, game.id)).rejects.toMatchObject({
        code: 'NAME_TAKEN',
      })
      await gate.request(other, create, { name: 'One' }, game.id)
      await gate.request(other, create, { name: 'Ada' }, game.id)
    })

    it('is refused beyond the limit of its account', async () => {
      const session = await gate.login('u1')
      for (let index = 0; index < limits.rolesPerAccountMax; index++) {
        await gate.request(session, create, { name: `Role ${index}` }, game.id)
      }
      await expect(gate.request(session, create, { name: 'Too many' }, game.id)).rejects.toMatchObject({
        code: 'ROLE_LIMIT_REACHED',
      })
      expect((await gate.request(session, list, {}, game.id)).roles).toHaveLength(limits.rolesPerAccountMax)
    })

    it('of another account, or none, cannot be entered', async () => {
      const ada = await player('Ada')
      const thief = await gate.login('u2')
      for (const rid of [ada.rid, 'nobody']) {
        await expect(gate.request(thief, enter, { rid }, game.id)).rejects.toMatchObject({
          code: 'ROLE_NOT_FOUND',
        })
      }
      expect(thief.rid).toBeUndefined()
      await gate.request(ada, ping, {}, game.id)
    })

    it('is left for another one of the same session', async () => {
      const session: TestSession = await player('Ada')
      const first = session.rid
      const { role } = await gate.request(session, create, { name: 'Second' }, game.id)
      await gate.request(session, enter, { rid: role.rid }, game.id)
      expect(await world.roleLeft(String(first))).toMatchObject({ reason: 'LOGGED_OUT' })
      expect(world.chatHeard).toEqual([`enter ${first} Ada`, `leave ${first}`, `enter ${role.rid} Second`])
      expect(await recordOf(session.uid)).toMatchObject({ sessionId: session.sessionId })
    })

    it('is entered without chat', async () => {
      world.chatIsAway = true
      const ada = await player('Ada')
      await gate.request(ada, ping, {}, game.id)
      expect(game.lines).toContainEqual(
        expect.objectContaining({ route: 'chat.presence.enter', level: 'warn' }),
      )
    })
  })

  describe('a session that ends', () => {
    it('has its role saved after the grace', async () => {
      const ada = await player('Ada')
      await expect(gate.leave(ada, true, game.id)).resolves.toBe('grace')
      expect(await recordOf(ada.uid)).toBeDefined()
      world.clock.advance(graceMs)
      await world.roleLeft(ada.rid)
      expect(await rowOf(ada.rid)).toMatchObject({ version: 1 })
      expect(await recordOf(ada.uid)).toBeUndefined()
      expect(await isFree(ada.rid)).toBe(true)
    })

    it('can be followed by another within the grace, as if nothing had happened', async () => {
      const before = await player('Ada')
      await gate.leave(before, true, game.id)
      const after = await gate.login(before.uid)
      await gate.request(after, enter, { rid: before.rid }, game.id)
      world.clock.advance(2 * graceMs)
      expect((await gate.request(after, get, {}, game.id)).role.version).toBe(2)
      expect(game.faults.calls.get('journal.acquire')).toBe(1)
    })

    it('cannot act or take the role with it once a newer one has entered', async () => {
      const before = await player('Ada')
      const after = await gate.login(before.uid)
      await gate.request(after, enter, { rid: before.rid }, game.id)
      await expect(gate.request(before, get, {}, game.id)).rejects.toMatchObject({ code: 'SESSION_ENDED' })
      await expect(gate.leave(before, false, game.id)).resolves.toBe('superseded')
      await expect(gate.leave(before, true, game.id)).resolves.toBe('superseded')
      world.clock.advance(2 * graceMs)
      await gate.request(after, get, {}, game.id)
      expect(await recordOf(after.uid)).toMatchObject({ sessionId: after.sessionId })
    })

    it('keeps its role in memory until a database that was away has it', async () => {
      const ada = await player('Ada')
      game.faults.down.add('roles')
      let state: string | undefined
      const left = gate.leave(ada, false, game.id).then((answer) => (state = answer))
      await eventually(() => game.faults.calls.get('roles.saveAll') ?? false)
      expect(state).toBeUndefined()
      expect(await recordOf(ada.uid)).toBeDefined()
      game.faults.heal()
      await eventually(() => {
        world.clock.advance(1_000)
        return state !== undefined
      })
      await expect(left).resolves.toBe('saved')
      expect(await rowOf(ada.rid)).toMatchObject({ version: 1 })
      expect(await isFree(ada.rid)).toBe(true)
    })

    it('is noticed when its gate leaves the cluster', async () => {
      const ada = await player('Ada')
      await world.startGate()
      await gate.cluster.close()
      await until(game.registry, () => game.registry.get(gate.peer.id) === undefined)
      await eventually(() => game.lines.some(({ msg }) => String(msg).startsWith('a gate has left')))
      world.clock.advance(graceMs)
      expect(await world.roleLeft(ada.rid)).toMatchObject({ reason: 'GATE_LOST' })
      expect(await recordOf(ada.uid)).toBeUndefined()
    })
  })

  describe('among several game servers', () => {
    let other: TestGame

    beforeEach(async () => {
      other = await world.startGame()
      await sees(gate, other)
      await until(other.registry, () => other.registry.get(game.id) !== undefined)
    })

    it('a role is on one; another names it', async () => {
      const ada = await player('Ada')
      await expect(gate.request(ada, get, {}, other.id)).rejects.toMatchObject({
        code: 'ROLE_ELSEWHERE',
        metadata: { server: game.id },
      })
      await gate.request(ada, get, {}, game.id)
    })

    it('a request for a role whose server died loads it, once for a hundred, with all that was acknowledged', async () => {
      const ada = await player('Ada')
      const before = await gate.request(ada, rename, { name: 'Grace' }, game.id)
      expect(await rowOf(ada.rid)).toMatchObject({ name: 'Ada', version: 0 })
      other.faults.down.add('roles.saveAll')
      await game.die()
      await until(other.registry, () => other.registry.get(game.id) === undefined)

      const answers = await Promise.all(
        Array.from({ length: 100 }, () => gate.request(ada, get, {}, other.id)),
      )
      for (const answer of answers) expect(answer).toEqual(before)
      // The second one takes the role over from the server that is gone.
      expect(other.faults.calls.get('journal.acquire')).toBe(2)
      other.faults.heal()
      await expect(gate.leave(ada, false, other.id)).resolves.toBe('saved')
      expect(await rowOf(ada.rid)).toMatchObject({ name: 'Grace', version: 2 })
      expect(await isFree(ada.rid)).toBe(true)
    })

    it('what a dead one left unsaved is saved without anybody asking', async () => {
      const ada = await player('Ada')
      await game.die()
      await eventually(async () => (await rowOf(ada.rid))?.version === 1)
    })

    it('a leave for a role whose server died saves and frees it', async () => {
      const ada = await player('Ada')
      await game.die()
      await until(other.registry, () => other.registry.get(game.id) === undefined)
      await expect(gate.leave(ada, true, other.id)).resolves.toBe('saved')
      expect(await rowOf(ada.rid)).toMatchObject({ version: 1 })
      expect(await recordOf(ada.uid)).toBeUndefined()
      expect(await isFree(ada.rid)).toBe(true)
    })

    it('one that stops saves its roles, keeps their sessions, and the players go on elsewhere', async () => {
      const players = await Promise.all(Array.from({ length: 200 }, (_, index) => player(`Player${index}`)))
      await game.app.stop()
      expect(gate.cluster.registry.get(game.id)?.state).not.toBe('ready')
      for (const { rid, uid } of players) {
        expect(await rowOf(rid)).toMatchObject({ version: 1 })
        expect(await recordOf(uid)).toBeDefined()
      }
      expect(game.lines).toContainEqual(expect.objectContaining({ msg: 'drained', roles: 200, left: 0 }))
      const views = await Promise.all(players.map((session) => gate.request(session, get, {}, other.id)))
      for (const { role } of views) expect(role.version).toBe(1)
      expect(world.chatHeard.filter((heard) => heard.startsWith('leave'))).toEqual([])
    })

    it('one that stops without its database counts what is left, and another saves it', async () => {
      const ada = await player('Ada')
      game.faults.down.add('roles')
      let stopped = false
      const stopping = game.app.stop().then(() => (stopped = true))
      await eventually(() => {
        world.clock.advance(500)
        return stopped
      })
      await stopping
      expect(game.lines).toContainEqual(expect.objectContaining({ roles: 1, left: 1, level: 'error' }))
      await eventually(async () => (await rowOf(ada.rid))?.version === 1)
      await expect(gate.request(ada, get, {}, other.id)).resolves.toMatchObject({ role: { version: 1 } })
    })
  })
}
