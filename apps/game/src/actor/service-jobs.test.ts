import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { actorSettings, callerOf, createActorWorld } from '../test-support/actor-world.ts'
import { nextTurn } from '../test-support/faults.ts'
import type { ServiceCaller } from './role-actor-host.ts'
import type { Leave } from './role-session.ts'
import type { RoleTurn } from './role-turn.ts'

type World = Awaited<ReturnType<typeof createActorWorld>>
type Server = Awaited<ReturnType<World['createServer']>>

const gain = (role: RoleTurn) => role.changeDurably((state) => ({ ...state, exp: state.exp + 1 }))
const service = (change: Partial<ServiceCaller> = {}): ServiceCaller => ({
  rid: 'ada',
  uid: 'u1',
  remainingMs: () => 1_000,
  ...change,
})

describe('a job that no session asks for', () => {
  let world: World
  let game: Server

  beforeEach(async () => {
    world = await createActorWorld()
    game = await world.createServer('game-1')
    await world.addRole('ada', 'u1')
  })
  afterEach(() => world.close())

  const isGone = () => world.until(() => game.actors.size === 0, 10)
  const expOf = async () => (await world.stored.find('ada'))?.data['exp']

  it('takes its turn in a role that is played', async () => {
    const session = await world.login('u1')
    world.faults.delays = [2]
    const done = await Promise.all([
      game.actors.run(callerOf(session), 'ada', gain),
      game.actors.runFor(service(), gain),
      game.actors.run(callerOf(session), 'ada', gain),
    ])
    expect(done.map(({ exp }) => exp)).toEqual([1, 2, 3])
    await nextTurn()
    expect(game.actors.countByStage()).toMatchObject({ active: 1 })
    expect(world.faults.calls.get('journal.acquire')).toBe(1)
  })

  it('does not let a role stay whose player has gone', async () => {
    const session = await world.login('u1')
    await game.actors.run(callerOf(session), 'ada', gain)
    const cause: Leave = { kind: 'ended', reason: 'CLIENT_CLOSED', session }
    await game.actors.leave({ rid: 'ada', uid: 'u1' }, cause, true)
    const [actor] = game.actors.all()
    const usedAtMs = actor?.usedAtMs
    world.clock.advance(actorSettings.graceMs - 1)
    await expect(game.actors.runFor(service(), gain)).resolves.toMatchObject({ exp: 2 })
    expect(actor?.stage).toBe('grace')
    expect(actor?.usedAtMs).toBe(usedAtMs)
    world.clock.advance(1)
    await isGone()
    expect(await expOf()).toBe(2)
    expect(game.ended).toMatchObject([{ end: 'saved', leave: cause }])
  })

  it('loads a role that nobody plays, and has it leave again, with its session record left alone', async () => {
    const session = await world.login('u1')
    await expect(game.actors.runFor(service(), gain)).resolves.toMatchObject({ exp: 1 })
    await isGone()
    expect(await expOf()).toBe(1)
    expect(game.ended).toMatchObject([{ end: 'saved', leave: { kind: 'moved', reason: 'IDLE' } }])
    expect(await world.memory.roleJournal.owners()).toEqual([])
    expect(await world.memory.sessions.get('u1')).toMatchObject({ sessionId: session.sessionId })
  })

  it('has a role leave also when it has failed', async () => {
    const failing = game.actors.runFor(service(), () => Promise.reject(new Error('the job')))
    await expect(failing).rejects.toThrow('the job')
    await isGone()
    expect(await world.memory.roleJournal.owners()).toEqual([])
  })

  it('loads a role once for many, and once more for one that comes while the role leaves', async () => {
    world.faults.delays = [2]
    const many = await Promise.all(Array.from({ length: 20 }, () => game.actors.runFor(service(), gain)))
    expect(many.map(({ exp }) => exp)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
    expect(world.faults.calls.get('journal.acquire')).toBe(1)
    expect(game.actors.countByStage()).toMatchObject({ leaving: 1 })
    await expect(game.actors.runFor(service(), gain)).resolves.toMatchObject({ exp: 21 })
    await isGone()
    expect(await expOf()).toBe(21)
  })

  it('leaves the role to a session that has come meanwhile', async () => {
    world.faults.delays = [2]
    const session = await world.login('u1')
    const job = game.actors.runFor(service(), gain)
    const request = game.actors.run(callerOf(session), 'ada', gain)
    await expect(job).resolves.toMatchObject({ exp: 1 })
    await expect(request).resolves.toMatchObject({ exp: 2 })
    for (let turn = 0; turn < 50; turn++) await nextTurn()
    expect(game.actors.countByStage()).toMatchObject({ active: 1 })
    expect(game.ended).toEqual([])
  })

  it('opens the role to no session that a newer login has replaced', async () => {
    world.faults.delays = [2]
    const [older, newer] = [await world.login('u1'), await world.login('u1')]
    const job = game.actors.runFor(service(), gain)
    const refused = game.actors.run(callerOf(older), 'ada', gain)
    await expect(refused).rejects.toMatchObject({ code: 'SESSION_ENDED' })
    await expect(job).resolves.toMatchObject({ exp: 1 })
    await expect(game.actors.run(callerOf(newer), 'ada', gain)).resolves.toMatchObject({ exp: 2 })
  })

  it('names the live owner of a role, and takes over from a dead one what only the journal has', async () => {
    const session = await world.login('u1')
    await game.actors.run(callerOf(session), 'ada', gain)
    const other = await world.createServer('game-2')
    await expect(other.actors.runFor(service(), gain)).rejects.toMatchObject({
      code: 'ROLE_ELSEWHERE',
      metadata: { server: 'game-1' },
    })
    expect(other.actors.size).toBe(0)
    await game.die()
    await expect(other.actors.runFor(service(), gain)).resolves.toMatchObject({ exp: 2 })
    await world.until(() => other.actors.size === 0, 10)
    expect(await expOf()).toBe(2)
  })

  it('is refused for a role that the account does not have', async () => {
    for (const wrong of [service({ uid: 'u2' }), service({ rid: 'nobody' })]) {
      await expect(game.actors.runFor(wrong, gain)).rejects.toMatchObject({ code: 'ROLE_NOT_FOUND' })
    }
    await game.actors.run(callerOf(await world.login('u1')), 'ada', gain)
    await expect(game.actors.runFor(service({ uid: 'u2' }), gain)).rejects.toMatchObject({
      code: 'ROLE_NOT_FOUND',
    })
    expect(await game.actors.runFor(service(), gain)).toMatchObject({ exp: 2 })
  })

  it('is not started when its caller has given up, at once or in the mailbox', async () => {
    const late = service({ remainingMs: () => 0 })
    await expect(game.actors.runFor(late, gain)).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(game.actors.size).toBe(0)
    await game.actors.run(callerOf(await world.login('u1')), 'ada', gain)
    world.faults.delays = [3]
    let remainingMs = 1
    const before = game.actors.runFor(service(), gain)
    const waiting = game.actors.runFor(service({ remainingMs: () => remainingMs }), gain)
    remainingMs = 0
    await expect(waiting).rejects.toMatchObject({ code: 'TIMEOUT' })
    await expect(before).resolves.toMatchObject({ exp: 2 })
  })

  it('is for another server when this one stops, which waits for the role to be saved', async () => {
    world.faults.delays = [2]
    await game.actors.runFor(service(), gain)
    const drained = game.actors.drain(1_000)
    await expect(game.actors.runFor(service(), gain)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
    await expect(drained).resolves.toEqual({ left: 0 })
    expect(await expOf()).toBe(1)
    expect(await world.memory.roleJournal.owners()).toEqual([])
  })
})
