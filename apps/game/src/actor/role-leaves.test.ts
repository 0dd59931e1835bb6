import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { entered, type RoleState } from '../role/role.ts'
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

describe('a role that leaves', () => {
  let world: World
  let game: Server

  beforeEach(async () => {
    world = await createActorWorld()
    game = await world.createServer('game-1')
    await world.addRole('ada', 'u1')
  })
  afterEach(() => world.close())

  describe('when a session ends', () => {
    it('keeps the role for the grace, then saves and releases it', async () => {
      const session = await world.login('u1')
      await game.actors.run(callerOf(session), 'ada', gain)
      await expect(game.actors.leave(ada, endOf(session), true)).resolves.toBe('grace')
      world.clock.advance(actorSettings.graceMs - 1)
      await nextTurn()
      expect(game.actors.countByStage()).toMatchObject({ grace: 1 })
      expect(await world.memory.sessions.get('u1')).toBeDefined()

      world.clock.advance(1)
      await world.until(() => game.actors.size === 0, 1)
      expect(await world.stored.find('ada')).toMatchObject({ version: 1, data: { exp: 1 } })
      expect(await world.memory.sessions.get('u1')).toBeUndefined()
      expect(await world.memory.roleJournal.unsaved(10)).toEqual([])
      expect(game.ended).toMatchObject([{ end: 'saved', leave: { reason: 'CLIENT_CLOSED' } }])
    })

    it('has the role as it was when the player comes back within the grace', async () => {
      const before = await world.login('u1')
      await game.actors.run(callerOf(before), 'ada', gain)
      await game.actors.leave(ada, endOf(before), true)
      const after = await world.login('u1')
      await game.actors.run(callerOf(after), 'ada', gain)
      world.clock.advance(10 * actorSettings.graceMs)
      await nextTurn()
      expect(game.actors.countByStage()).toMatchObject({ active: 1 })
      expect(game.actors.peek('ada')?.exp).toBe(2)
      expect(world.faults.calls.get('journal.acquire')).toBe(1)
    })

    it('answers an immediate leave when the role is saved, and repeated ones with it', async () => {
      const session = await world.login('u1')
      await game.actors.run(callerOf(session), 'ada', gain)
      const answers = await Promise.all([1, 2, 3].map(() => game.actors.leave(ada, endOf(session), false)))
      expect(answers).toEqual(['saved', 'saved', 'saved'])
      expect(await world.stored.find('ada')).toMatchObject({ data: { exp: 1 } })
    })

    it('handles what was asked before the leave first, and refuses what its session asks later', async () => {
      world.faults.delays = [2]
      const session = await world.login('u1')
      const first = game.actors.run(callerOf(session), 'ada', gain)
      const left = game.actors.leave(ada, endOf(session), false)
      const late = game.actors.run(callerOf(session), 'ada', gain)
      await expect(late).rejects.toMatchObject({ code: 'SESSION_ENDED' })
      await expect(first).resolves.toMatchObject({ exp: 1 })
      await expect(left).resolves.toBe('saved')
    })

    it('cuts the grace short for a leave without grace', async () => {
      const session = await world.login('u1')
      await game.actors.run(callerOf(session), 'ada', gain)
      await game.actors.leave(ada, endOf(session), true)
      await expect(game.actors.leave(ada, endOf(session), false)).resolves.toBe('saved')
      await game.queue.close()
      expect(world.clock.pendingTimers).toBe(0)
    })
  })

  it('keeps a leave in line behind what was asked before, and gives it up when a newer session comes first', async () => {
    const before = await world.login('u1')
    await game.actors.run(callerOf(before), 'ada', gain)
    world.faults.delays = [3]
    const running = game.actors.run(callerOf(before), 'ada', gain)
    const left = game.actors.leave(ada, endOf(before), false)
    const after = await world.login('u1')
    const fresh = game.actors.run(callerOf(after), 'ada', gain)
    await expect(left).resolves.toBe('superseded')
    expect(await Promise.all([running, fresh])).toMatchObject([{ exp: 2 }, { exp: 3 }])
  })

  it('has a leave wait for loading, and fail with it', async () => {
    world.faults.delays = [2]
    const session = await world.login('u1')
    const request = game.actors.run(callerOf(session), 'ada', gain)
    await expect(game.actors.leave(ada, endOf(session), true)).resolves.toBe('grace')
    await expect(request).resolves.toMatchObject({ exp: 1 })

    const other = await world.createServer('game-2')
    await game.actors.leave(ada, endOf(session), false)
    const again = await world.login('u1')
    world.faults.down.add('roles')
    const refused = other.actors.run(callerOf(again), 'ada', gain)
    const left = other.actors.leave(ada, endOf(again), true)
    await expect(refused).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    await expect(left).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
  })

  describe('while a role is leaving', () => {
    it('gives it back from memory to a player who returns before it is saved', async () => {
      const before = await world.login('u1')
      await game.actors.run(callerOf(before), 'ada', gain)
      world.faults.down.add('roles.saveAll')
      const left = game.actors.leave(ada, endOf(before), false)
      await world.until(() => (world.faults.calls.get('roles.saveAll') ?? 0) > 0)
      expect(game.actors.countByStage()).toMatchObject({ leaving: 1 })

      const after = await world.login('u1')
      await expect(game.actors.run(callerOf(after), 'ada', gain)).resolves.toMatchObject({ exp: 2 })
      await expect(left).resolves.toBe('superseded')
      expect(world.faults.calls.get('journal.acquire')).toBe(1)
    })

    it('loads it again for a player who returns while it is being released', async () => {
      const before = await world.login('u1')
      await game.actors.run(callerOf(before), 'ada', gain)
      world.faults.down.add('journal.release')
      const left = game.actors.leave(ada, endOf(before), false)
      await world.until(() => (world.faults.calls.get('journal.release') ?? 0) > 0)

      const after = await world.login('u1')
      const back = game.actors.run(callerOf(after), 'ada', gain)
      world.faults.heal()
      await world.until(() => game.ended.length > 0, 10)
      await expect(left).resolves.toBe('saved')
      await expect(back).resolves.toMatchObject({ exp: 2 })
      expect(world.faults.calls.get('journal.acquire')).toBe(2)
      expect(await world.memory.sessions.get('u1')).toMatchObject({ sessionId: after.sessionId })
    })

    it('tries until the database is back', async () => {
      const session = await world.login('u1')
      await game.actors.run(callerOf(session), 'ada', gain)
      world.faults.down.add('roles')
      const left = game.actors.leave(ada, endOf(session), false)
      for (let second = 0; second < 30; second++) {
        world.clock.advance(1_000)
        await nextTurn()
      }
      expect(game.actors.countByStage()).toMatchObject({ leaving: 1 })
      expect(await world.memory.sessions.get('u1')).toBeDefined()
      world.faults.heal()
      await world.until(() => game.actors.size === 0, 100)
      await expect(left).resolves.toBe('saved')
      expect(await world.stored.find('ada')).toMatchObject({ data: { exp: 1 } })
      expect(await world.memory.sessions.get('u1')).toBeUndefined()
    })
  })

  it('leaves a role for another one of the same session without ending the session', async () => {
    const session = await world.login('u1')
    await game.actors.run(callerOf(session), 'ada', gain)
    await game.actors.switchFrom('ada', session)
    expect(game.actors.size).toBe(0)
    expect(await world.memory.sessions.get('u1')).toBeDefined()
    await expect(game.actors.run(callerOf(session), 'ada', gain)).resolves.toMatchObject({ exp: 2 })
  })

  describe('when a gate is lost', () => {
    it('gives its roles the grace, and keeps those that are called again', async () => {
      await world.addRole('bob', 'u2')
      await world.addRole('eve', 'u3')
      const [adas, bobs, eves] = [
        await world.login('u1', 'gate-1'),
        await world.login('u2', 'gate-1'),
        await world.login('u3', 'gate-2'),
      ]
      const enter = (session: Session, rid: string) =>
        game.actors.run(callerOf(session), rid, (role) =>
          role.change((state) => entered(state, world.clock.nowMs())),
        )
      await Promise.all([enter(adas, 'ada'), enter(bobs, 'bob'), enter(eves, 'eve')])
      expect(game.actors.gateLost('gate-1')).toBe(2)
      expect(game.actors.countByStage()).toMatchObject({ grace: 2, active: 1 })
      await enter(bobs, 'bob')
      world.clock.advance(actorSettings.graceMs)
      await world.until(() => game.actors.size === 2, 1)
      expect(game.ended).toMatchObject([{ rid: 'ada', end: 'saved', leave: { reason: 'GATE_LOST' } }])
      expect(await world.memory.sessions.get('u1')).toBeUndefined()
      expect(await world.memory.sessions.get('u2')).toBeDefined()
    })
  })
})
