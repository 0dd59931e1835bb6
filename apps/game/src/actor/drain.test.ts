import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { callerOf, createActorWorld } from '../test-support/actor-world.ts'
import { nextTurn } from '../test-support/faults.ts'
import type { RoleTurn } from './role-turn.ts'

type World = Awaited<ReturnType<typeof createActorWorld>>
type Server = Awaited<ReturnType<World['createServer']>>

const gain = (role: RoleTurn) => role.change((state) => ({ ...state, exp: state.exp + 1 }))
const rolesCount = 50
const stopping = { code: 'SHUTTING_DOWN' }

describe('drain', () => {
  let world: World
  let game: Server
  let sessions: Awaited<ReturnType<World['login']>>[]

  beforeEach(async () => {
    world = await createActorWorld()
    game = await world.createServer('game-1')
    sessions = []
    for (let index = 0; index < rolesCount; index++) {
      await world.addRole(`role${index}`, `u${index}`)
      sessions.push(await world.login(`u${index}`))
    }
    await Promise.all(
      sessions.map((session, index) => game.actors.run(callerOf(session), `role${index}`, gain)),
    )
  })
  afterEach(() => world.close())

  it('saves and releases every role and keeps the sessions that go on', async () => {
    const other = await world.createServer('game-2')
    expect(await game.actors.drain(3_000)).toEqual({ left: 0 })
    expect(game.ended.map(({ end, leave }) => `${end} ${leave?.kind}`)).toEqual(
      Array.from({ length: rolesCount }, () => 'saved moved'),
    )
    for (const [index, session] of sessions.entries()) {
      expect(await world.stored.find(`role${index}`)).toMatchObject({ data: { exp: 1 } })
      expect(await world.memory.sessions.get(session.uid)).toMatchObject({ sessionId: session.sessionId })
    }
    const [session] = sessions
    if (session === undefined) throw new Error('no session')
    await expect(other.actors.run(callerOf(session), 'role0', gain)).resolves.toMatchObject({ exp: 2 })
  })

  it('ends the sessions of roles in their grace', async () => {
    const [session] = sessions
    if (session === undefined) throw new Error('no session')
    const role = { rid: 'role0', uid: 'u0' }
    await game.actors.leave(role, { kind: 'ended', reason: 'CLIENT_CLOSED', session }, true)
    await game.actors.drain(3_000)
    expect(await world.memory.sessions.get('u0')).toBeUndefined()
    expect(await world.memory.sessions.get('u1')).toBeDefined()
  })

  it('refuses requests once their role has moved, so that the gate asks another server', async () => {
    world.faults.delays = [1]
    const drained = game.actors.drain(3_000)
    const ask = () =>
      sessions.map((session, index) => game.actors.run(callerOf(session), `role${index}`, gain))
    const early = await Promise.allSettled(ask())
    expect(await drained).toEqual({ left: 0 })
    const late = await Promise.allSettled(ask())
    const reasons = early.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    )
    for (const reason of reasons) expect(reason).toMatchObject(stopping)
    for (const [index, result] of early.entries()) {
      const exp = result.status === 'rejected' ? 1 : 2
      expect(await world.stored.find(`role${index}`)).toMatchObject({ data: { exp } })
    }
    expect(early.map(({ status }) => status)).toContain('rejected')
    for (const result of late) expect(result).toMatchObject({ status: 'rejected', reason: stopping })
  })

  it('leaves it to the caller to end a session that ends while its role moves', async () => {
    world.faults.delays = [2]
    const [session] = sessions
    if (session === undefined) throw new Error('no session')
    const drained = game.actors.drain(3_000)
    const leave = { kind: 'ended', reason: 'SHUTDOWN', session } as const
    await expect(game.actors.leave({ rid: 'role0', uid: 'u0' }, leave, true)).resolves.toBe('absent')
    expect(await drained).toEqual({ left: 0 })
  })

  it('counts what could not be saved in time; the journal keeps it for the next owner', async () => {
    world.faults.down.add('roles')
    const drained = game.actors.drain(3_000)
    await nextTurn()
    world.clock.advance(3_000)
    expect(await drained).toEqual({ left: rolesCount })
    expect(game.actors.size).toBe(0)
    expect(await world.memory.roleJournal.unsaved(100)).toHaveLength(rolesCount)

    await game.die()
    world.faults.heal()
    const other = await world.createServer('game-2')
    for (const [index, session] of sessions.entries()) {
      await expect(other.actors.run(callerOf(session), `role${index}`, gain)).resolves.toMatchObject({
        exp: 2,
      })
    }
  })

  it('does not wait for a role whose request or loading hangs', async () => {
    const [session] = sessions
    if (session === undefined) throw new Error('no session')
    const hanging = Promise.resolve(
      game.actors.run(callerOf(session), 'role0', () => new Promise<void>(() => {})),
    )
    hanging.catch(() => {})
    await world.addRole('slow', 'u-slow')
    world.faults.hung.add('roles.takeOver')
    const loading = game.actors.run(callerOf(await world.login('u-slow')), 'slow', gain)
    const drained = game.actors.drain(3_000)
    await world.until(() => game.actors.size === 2)
    world.clock.advance(3_000)
    expect(await drained).toEqual({ left: 2 })
    await expect(loading).rejects.toMatchObject(stopping)
    expect(game.actors.size).toBe(0)
  })

  it('has nothing left to wait for afterwards', async () => {
    await game.actors.drain(3_000)
    await game.queue.close()
    expect(world.clock.pendingTimers).toBe(0)
  })
})
