import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { placed } from '../scene/place.ts'
import { actorSettings, callerOf, createActorWorld } from '../test-support/actor-world.ts'
import { nextTurn } from '../test-support/faults.ts'
import type { Leave } from './role-session.ts'
import type { RoleTurn } from './role-turn.ts'

type World = Awaited<ReturnType<typeof createActorWorld>>
type Server = Awaited<ReturnType<World['createServer']>>

const gain = (role: RoleTurn) => role.change((state) => ({ ...state, exp: state.exp + 1 }))
const ada = { rid: 'ada', uid: 'u1' }

describe('a role that goes on on another server', () => {
  let world: World
  let game: Server

  beforeEach(async () => {
    world = await createActorWorld()
    game = await world.createServer('game-1')
    await world.addRole('ada', 'u1')
  })
  afterEach(() => world.close())

  it('is saved and free, keeps its session, and what waits for it is told where it is', async () => {
    const session = await world.login('u1')
    await game.actors.run(callerOf(session), 'ada', gain)
    world.faults.delays = [2]
    const gone = game.actors.handOver('ada', session, 'game-2')
    const late = game.actors.run(callerOf(session), 'ada', gain)
    await expect(late).rejects.toMatchObject({ code: 'ROLE_ELSEWHERE', metadata: { server: 'game-2' } })
    await gone
    expect(await world.stored.find('ada')).toMatchObject({ version: 1, data: { exp: 1 } })
    expect(await world.memory.sessions.get('u1')).toBeDefined()
    expect(game.ended).toMatchObject([{ end: 'saved', leave: { kind: 'moved', server: 'game-2' } }])
    const other = await world.createServer('game-2')
    await expect(other.actors.run(callerOf(session), 'ada', gain)).resolves.toMatchObject({ exp: 2 })
  })

  it('stays when it cannot be saved in time, and can be sent again', async () => {
    const session = await world.login('u1')
    await game.actors.run(callerOf(session), 'ada', gain)
    world.faults.down.add('roles')
    let refused: unknown
    void game.actors.handOver('ada', session, 'game-2').catch((error: unknown) => (refused = error))
    await world.until(() => refused !== undefined, 100)
    expect(refused).toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    await expect(game.actors.run(callerOf(session), 'ada', gain)).resolves.toMatchObject({ exp: 2 })
    world.faults.heal()
    await game.actors.handOver('ada', session, 'game-2')
    expect(game.actors.has('ada')).toBe(false)
    expect(await world.stored.find('ada')).toMatchObject({ data: { exp: 2 } })
  })

  it('stays when a newer session has come, also while it is being saved', async () => {
    const before = await world.login('u1')
    await game.actors.run(callerOf(before), 'ada', gain)
    world.faults.down.add('roles')
    let refused: unknown
    void game.actors.handOver('ada', before, 'game-2').catch((error: unknown) => (refused = error))
    await nextTurn()
    const after = await world.login('u1')
    const fresh = game.actors.run(callerOf(after), 'ada', gain)
    await world.until(() => refused !== undefined)
    expect(refused).toMatchObject({ code: 'SESSION_ENDED' })
    await expect(fresh).resolves.toMatchObject({ exp: 2 })
    await expect(game.actors.handOver('ada', before, 'game-2')).rejects.toMatchObject({
      code: 'SESSION_ENDED',
    })
    expect(game.actors.has('ada')).toBe(true)
  })

  it('is nothing to be done when it is not in memory', async () => {
    await game.actors.handOver('ada', await world.login('u1'), 'game-2')
    expect(world.faults.calls.get('journal.acquire')).toBeUndefined()
  })
})

describe('where a role stands in the world', () => {
  let world: World
  let game: Server
  const endOf = (session: Leave['session']): Leave => ({ kind: 'ended', reason: 'CLIENT_CLOSED', session })

  beforeEach(async () => {
    world = await createActorWorld()
    game = await world.createServer('game-1')
    await world.addRole('ada', 'u1')
  })
  afterEach(() => world.close())

  it('is told when its player is away and back, once each', async () => {
    const before = await world.login('u1')
    await game.actors.run(callerOf(before), 'ada', gain)
    expect(game.away).toEqual([])
    await game.actors.leave(ada, endOf(before), true)
    await game.actors.leave(ada, endOf(before), true)
    expect(game.away).toEqual([['ada', true]])
    const after = await world.login('u1')
    await game.actors.run(callerOf(after), 'ada', gain)
    await game.actors.run(callerOf(after), 'ada', gain)
    expect(game.away).toEqual([
      ['ada', true],
      ['ada', false],
    ])
  })

  it('is told that its player is back who comes just while the role is saved', async () => {
    const before = await world.login('u1')
    await game.actors.run(callerOf(before), 'ada', gain)
    await game.actors.leave(ada, endOf(before), true)
    world.faults.down.add('roles')
    world.clock.advance(actorSettings.graceMs)
    await nextTurn()
    const after = await world.login('u1')
    await game.actors.run(callerOf(after), 'ada', gain)
    expect(game.away.at(-1)).toEqual(['ada', false])
    expect(game.ended).toEqual([])
  })

  it('is stored with what the role is saved with when it leaves', async () => {
    const session = await world.login('u1')
    await game.actors.run(callerOf(session), 'ada', gain)
    game.leaving.set('ada', placed({ scene: 'meadow', x: 3, y: 4 }))
    await expect(game.actors.leave(ada, endOf(session), false)).resolves.toBe('saved')
    expect(await world.stored.find('ada')).toMatchObject({
      version: 2,
      data: { exp: 1, place: { scene: 'meadow', x: 3, y: 4 } },
    })
    const next = await world.login('u1')
    await game.actors.run(callerOf(next), 'ada', (role) => role.state.exp)
    await game.actors.leave(ada, endOf(next), false)
    // Nothing has changed, so nothing was written.
    expect(await world.stored.find('ada')).toMatchObject({ version: 2 })
  })
})
