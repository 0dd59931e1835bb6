import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { renamed, type RoleState } from '../role/role.ts'
import { actorSettings, callerOf, createActorWorld } from '../test-support/actor-world.ts'
import { nextTurn } from '../test-support/faults.ts'
import type { Leave } from './role-session.ts'
import type { RoleTurn } from './role-turn.ts'

type World = Awaited<ReturnType<typeof createActorWorld>>
type Server = Awaited<ReturnType<World['createServer']>>
type Session = Awaited<ReturnType<World['login']>>

const gain = (role: RoleTurn) => role.change((state: RoleState) => ({ ...state, exp: state.exp + 1 }))
const endOf = (session: Session): Leave => ({ kind: 'ended', reason: 'CLIENT_CLOSED', session })
const ada = { rid: 'ada', uid: 'u1' }

describe('RoleActors', () => {
  let world: World
  let game: Server

  beforeEach(async () => {
    world = await createActorWorld()
    game = await world.createServer('game-1')
    await world.addRole('ada', 'u1')
  })
  afterEach(() => world.close())

  it('loads a role once for a hundred who ask at the same time', async () => {
    world.faults.delays = [3]
    const session = await world.login('u1')
    const requests = Array.from({ length: 100 }, () => game.actors.run(callerOf(session), 'ada', gain))
    const results = await Promise.all(requests)
    expect(results.map(({ exp }) => exp)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
    expect(world.faults.calls.get('journal.acquire')).toBe(1)
    expect(game.actors.size).toBe(1)
  })

  it('fails all who wait when loading fails, and loads for the next one', async () => {
    world.faults.delays = [2]
    const session = await world.login('u1')
    world.faults.down.add('roles')
    const requests = [1, 2, 3].map(() => game.actors.run(callerOf(session), 'ada', gain))
    for (const result of await Promise.allSettled(requests)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'STORAGE_UNAVAILABLE' } })
    }
    expect(game.actors.size).toBe(0)
    world.faults.heal()
    await expect(game.actors.run(callerOf(session), 'ada', gain)).resolves.toMatchObject({ exp: 1 })
  })

  it('gives nobody the role of another account, nor lets them disturb its owner', async () => {
    world.faults.delays = [2]
    const [owner, other] = [await world.login('u1'), await world.login('u2')]
    const stolen = game.actors.run(callerOf(other), 'ada', gain)
    const own = game.actors.run(callerOf(owner), 'ada', gain)
    await expect(stolen).rejects.toMatchObject({ code: 'ROLE_NOT_FOUND' })
    await expect(own).resolves.toMatchObject({ exp: 1 })
    await expect(game.actors.run(callerOf(other), 'ada', gain)).rejects.toMatchObject({
      code: 'ROLE_NOT_FOUND',
    })
    await expect(game.actors.run(callerOf(other), 'nobody', gain)).rejects.toMatchObject({
      code: 'ROLE_NOT_FOUND',
    })
    expect(game.actors.size).toBe(1)
  })

  it('loads what an actor before it had acknowledged, even if no journal has that any more', async () => {
    const session = await world.login('u1')
    await game.actors.run(callerOf(session), 'ada', gain)
    const epoch = [...game.actors.all()][0]?.ownership?.epoch ?? 0
    // A journal that has lost its data, and an actor that is fenced off for it.
    await world.memory.roleJournal.settle([{ rid: 'ada', epoch, version: 1 }])
    game.actors.fenced('ada', epoch)
    await expect(game.actors.run(callerOf(session), 'ada', gain)).resolves.toMatchObject({ exp: 2 })
  })

  it('refuses roles beyond its bound', async () => {
    const small = await createActorWorld({ actorsMax: 1 })
    const server = await small.createServer('game-1')
    await small.addRole('ada', 'u1')
    await small.addRole('bob', 'u2')
    await server.actors.run(callerOf(await small.login('u1')), 'ada', gain)
    const refused = server.actors.run(callerOf(await small.login('u2')), 'bob', gain)
    await expect(refused).rejects.toMatchObject({ code: 'SERVER_BUSY' })
    await small.close()
  })

  it('does not start a request whose caller has given up', async () => {
    const session = await world.login('u1')
    const late = game.actors.run(callerOf(session, 0), 'ada', gain)
    await expect(late).rejects.toMatchObject({ code: 'TIMEOUT' })
    // Nor is the role loaded for it.
    expect(game.actors.peek('ada')).toBeUndefined()
  })

  describe('with an older and a newer session', () => {
    it('never lets a late leave of the older one touch the newer one', async () => {
      const [older, newer] = [await world.login('u1'), await world.login('u1')]
      await Promise.allSettled([game.actors.run(callerOf(older), 'ada', gain)])
      await game.actors.run(callerOf(newer), 'ada', gain)
      await expect(game.actors.leave(ada, endOf(older), true)).resolves.toBe('superseded')
      await expect(game.actors.leave(ada, endOf(older), false)).resolves.toBe('superseded')
      world.clock.advance(10 * actorSettings.graceMs)
      await nextTurn()
      expect(game.actors.countByStage()).toMatchObject({ active: 1 })
      expect(await world.memory.sessions.get('u1')).toMatchObject({ sessionId: newer.sessionId })
    })

    it('refuses the older one, also what it has waiting', async () => {
      const older = await world.login('u1')
      await game.actors.run(callerOf(older), 'ada', gain)
      world.faults.delays = [3]
      const running = game.actors.run(callerOf(older), 'ada', gain)
      const waiting = game.actors.run(callerOf(older), 'ada', gain)
      const newer = await world.login('u1')
      const fresh = game.actors.run(callerOf(newer), 'ada', gain)
      await expect(waiting).rejects.toMatchObject({ code: 'SESSION_ENDED' })
      await expect(running).resolves.toMatchObject({ exp: 2 })
      await expect(fresh).resolves.toMatchObject({ exp: 3 })
      await expect(game.actors.run(callerOf(older), 'ada', gain)).rejects.toMatchObject({
        code: 'SESSION_ENDED',
      })
    })

    it('does not load a role for a session that a newer login has replaced', async () => {
      const [older] = [await world.login('u1'), await world.login('u1')]
      await expect(game.actors.run(callerOf(older), 'ada', gain)).rejects.toMatchObject({
        code: 'SESSION_ENDED',
      })
      expect(game.actors.size).toBe(0)
    })
  })

  describe('when a change cannot be stored', () => {
    it('does not apply it, and lets a later one through', async () => {
      const session = await world.login('u1')
      await game.actors.run(callerOf(session), 'ada', gain)
      world.faults.down.add('journal').add('roles')
      await expect(game.actors.run(callerOf(session), 'ada', gain)).rejects.toMatchObject({
        code: 'STORAGE_UNAVAILABLE',
      })
      expect(game.actors.peek('ada')?.exp).toBe(1)
      world.faults.heal()
      await expect(game.actors.run(callerOf(session), 'ada', gain)).resolves.toMatchObject({ exp: 2 })
    })

    it('leaves what is in memory in the database, not what was refused but stored all the same', async () => {
      const session = await world.login('u1')
      await game.actors.run(callerOf(session), 'ada', gain)
      world.faults.down.add('roles')
      world.faults.lost.add('journal.append')
      const refused = game.actors.run(callerOf(session), 'ada', (role) =>
        role.change((state) => renamed(state, 'Refused')),
      )
      await expect(refused).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
      world.faults.heal()
      const left = game.actors.leave(ada, endOf(session), false)
      await world.until(() => game.actors.size === 0, 100)
      await expect(left).resolves.toBe('saved')
      expect(await world.stored.find('ada')).toMatchObject({ name: 'ada', data: { exp: 1 } })
    })
  })

  describe('with several servers', () => {
    it('names the live owner of a role', async () => {
      const other = await world.createServer('game-2')
      const session = await world.login('u1')
      await game.actors.run(callerOf(session), 'ada', gain)
      await expect(other.actors.run(callerOf(session), 'ada', gain)).rejects.toMatchObject({
        code: 'ROLE_ELSEWHERE',
        metadata: { server: 'game-1' },
      })
      expect(other.actors.size).toBe(0)
    })

    it('takes over from a dead owner what only the journal has', async () => {
      const session = await world.login('u1')
      await game.actors.run(callerOf(session), 'ada', gain)
      await game.die()
      expect(await world.stored.find('ada')).toMatchObject({ version: 0 })

      const other = await world.createServer('game-2')
      await expect(other.actors.run(callerOf(session), 'ada', gain)).resolves.toMatchObject({ exp: 2 })
      await expect(other.actors.leave(ada, endOf(session), false)).resolves.toBe('saved')
      expect(await world.stored.find('ada')).toMatchObject({ data: { exp: 2 } })
      expect(await world.memory.roleJournal.unsaved(10)).toEqual([])
    })

    it('ends the actor of an owner that was only thought dead, and applies nothing there', async () => {
      const session = await world.login('u1')
      await game.actors.run(callerOf(session), 'ada', gain)
      await game.die()
      const other = await world.createServer('game-2')
      await other.actors.run(callerOf(session), 'ada', gain)

      await expect(game.actors.run(callerOf(session), 'ada', gain)).rejects.toMatchObject({
        code: 'ROLE_ELSEWHERE',
      })
      expect(game.actors.size).toBe(0)
      expect(game.ended).toMatchObject([{ end: 'fenced' }])
      await expect(other.actors.leave(ada, endOf(session), false)).resolves.toBe('saved')
      expect(await world.stored.find('ada')).toMatchObject({ data: { exp: 2 } })
    })

    it('saves and releases what a dead owner left when it is told of the end of the session', async () => {
      const session = await world.login('u1')
      await game.actors.run(callerOf(session), 'ada', gain)
      await game.die()
      const other = await world.createServer('game-2')
      await expect(other.actors.leave(ada, endOf(session), true)).resolves.toBe('saved')
      expect(other.actors.size).toBe(0)
      expect(await world.stored.find('ada')).toMatchObject({ data: { exp: 1 } })
      expect(await world.memory.sessions.get('u1')).toBeUndefined()
    })

    it('answers absent to a leave for a role that is not its own', async () => {
      const other = await world.createServer('game-2')
      const session = await world.login('u1')
      await game.actors.run(callerOf(session), 'ada', gain)
      await expect(other.actors.leave(ada, endOf(session), false)).resolves.toBe('absent')
      await expect(other.actors.leave({ rid: 'nobody', uid: 'u1' }, endOf(session), false)).resolves.toBe(
        'absent',
      )
      expect(game.actors.size).toBe(1)
    })
  })
})
