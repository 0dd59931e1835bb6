import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { callerOf, createActorWorld } from '../test-support/actor-world.ts'
import { nextTurn } from '../test-support/faults.ts'
import type { RoleTurn } from './role-turn.ts'

type World = Awaited<ReturnType<typeof createActorWorld>>
type Server = Awaited<ReturnType<World['createServer']>>

const gain = (role: RoleTurn) => role.change((state) => ({ ...state, exp: state.exp + 1 }))
const gainDurably = (role: RoleTurn) => role.changeDurably((state) => ({ ...state, exp: state.exp + 1 }))

describe('routes of ackInMemory', () => {
  let world: World
  let game: Server
  let session: Awaited<ReturnType<World['login']>>

  beforeEach(async () => {
    world = await createActorWorld()
    game = await world.createServer('game-1')
    await world.addRole('ada', 'u1')
    session = await world.login('u1')
    await game.actors.run(callerOf(session), 'ada', (role) => role.state)
  })
  afterEach(() => world.close())

  const move = (job = gain) => game.actors.run(callerOf(session, 10_000, 'game.test.move'), 'ada', job)
  const leave = () =>
    game.actors.leave({ rid: 'ada', uid: 'u1' }, { kind: 'ended', reason: 'LOGGED_OUT', session }, false)

  it('are answered before the journal has the change, which it gets all the same', async () => {
    world.faults.hung.add('journal.append')
    await expect(move()).resolves.toMatchObject({ exp: 1, version: 1 })
    await expect(move()).resolves.toMatchObject({ exp: 2, version: 2 })
    let answered = false
    const durable = Promise.resolve(move(gainDurably)).then(() => (answered = true))
    for (let turn = 0; turn < 20; turn++) await nextTurn()
    expect(answered).toBe(false)
    void durable
  })

  it('reach the journal in the background', async () => {
    for (let count = 0; count < 5; count++) await move()
    await world.until(() => game.queue.dirty === 1)
    await game.queue.flush('ada')
    expect(await world.stored.find('ada')).toMatchObject({ version: 5, data: { exp: 5 } })
  })

  it('keep in memory what no store takes, and store it with the next change', async () => {
    world.faults.down.add('journal')
    world.faults.down.add('roles')
    await expect(move()).resolves.toMatchObject({ exp: 1 })
    const [actor] = game.actors.all()
    await world.until(() => actor?.unsettled === true)
    // No more is promised that a crash could cost.
    await expect(move()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    world.faults.heal()
    world.clock.advance(10_000)
    await expect(game.actors.run(callerOf(session), 'ada', gain)).resolves.toMatchObject({ exp: 2 })
    await world.until(() => actor?.unsettled === false)
    await expect(leave()).resolves.toBe('saved')
    expect(await world.stored.find('ada')).toMatchObject({ data: { exp: 2 } })
  })

  it('are saved by a leave, also what could not be stored before', async () => {
    world.faults.down.add('journal.append')
    world.faults.down.add('roles.saveAll')
    await move()
    const [actor] = game.actors.all()
    await world.until(() => actor?.unsettled === true)
    world.faults.heal()
    world.clock.advance(10_000)
    await expect(leave()).resolves.toBe('saved')
    expect(await world.stored.find('ada')).toMatchObject({ data: { exp: 1 } })
    expect(await world.memory.roleJournal.owners()).toEqual([])
  })

  it('undo what the stores refuse for its content, so that the role can be stored', async () => {
    await game.actors.run(callerOf(session), 'ada', gain)
    const large = 'x'.repeat(1024 * 1024)
    await move((role) => role.change((state) => ({ ...state, settings: { large } })))
    const [actor] = game.actors.all()
    await world.until(() => actor?.unsettled === true)
    expect(actor?.state).toMatchObject({ exp: 1, settings: {} })
    await expect(game.actors.run(callerOf(session), 'ada', gain)).resolves.toMatchObject({ exp: 2 })
    await expect(leave()).resolves.toBe('saved')
  })

  it('keep what came after a change that was refused', async () => {
    await game.actors.run(callerOf(session), 'ada', gain)
    const large = 'x'.repeat(1024 * 1024)
    world.faults.delays = [3]
    await move((role) => role.change((state) => ({ ...state, settings: { large } })))
    // The one before is on its way to the journal by then.
    await nextTurn()
    await nextTurn()
    await move((role) => role.change((state) => ({ ...state, settings: { small: 1 } })))
    world.faults.delays = [0]
    await game.actors.run(callerOf(session), 'ada', gain)
    const [actor] = game.actors.all()
    expect(actor?.state).toMatchObject({ exp: 2, settings: { small: 1 } })
    await expect(leave()).resolves.toBe('saved')
    expect(await world.stored.find('ada')).toMatchObject({ data: { exp: 2, settings: { small: 1 } } })
  })

  it('end the role when another server turns out to own it', async () => {
    await game.die()
    const other = await world.createServer('game-2')
    await other.actors.run(callerOf(session), 'ada', gain)
    await expect(move()).resolves.toMatchObject({ exp: 1 })
    await world.until(() => game.actors.size === 0)
    expect(game.ended).toMatchObject([{ end: 'fenced' }])
    await expect(other.actors.run(callerOf(session), 'ada', gain)).resolves.toMatchObject({ exp: 2 })
  })
})
