import { createMetrics, silentLogger } from '@hydra/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGameMetrics } from '../game-metrics.ts'
import { callerOf, createActorWorld } from '../test-support/actor-world.ts'
import { OwnershipRenewal } from './ownership-renewal.ts'
import type { RoleTurn } from './role-turn.ts'

type World = Awaited<ReturnType<typeof createActorWorld>>
type Server = Awaited<ReturnType<World['createServer']>>

const gain = (role: RoleTurn) => role.change((state) => ({ ...state, exp: state.exp + 1 }))
const ada = { rid: 'ada', uid: 'u1' }

describe('OwnershipRenewal', () => {
  let world: World
  let game: Server
  let session: Awaited<ReturnType<World['login']>>
  const metrics = createMetrics({ service: 'test' })
  const { renewals } = createGameMetrics(metrics)

  beforeEach(async () => {
    world = await createActorWorld()
    game = await world.createServer('game-1')
    await world.addRole('ada', 'u1')
    session = await world.login('u1')
  })
  afterEach(() => world.close())

  const renewalOf = ({ actors, ownership }: Server) =>
    new OwnershipRenewal({
      actors,
      ownership,
      clock: world.clock,
      log: silentLogger,
      renewals,
      intervalMs: 5_000,
      retakesParallel: 4,
    })
  const run = (on = game) => on.actors.run(callerOf(session), 'ada', gain)
  const epoch = () => [...game.actors.all()][0]?.ownership?.epoch ?? 0
  const saveAndLeave = () => game.actors.leave(ada, { kind: 'ended', reason: 'LOGGED_OUT', session }, false)

  it('leaves roles alone that are as they should be, at each interval', async () => {
    await run()
    const before = epoch()
    const renewal = renewalOf(game).start()
    world.clock.advance(5_000)
    await renewal.look()
    expect(epoch()).toBe(before)
    renewal.stop()
    expect(game.actors.countByStage()).toMatchObject({ active: 1 })
  })

  it('ends a role that another server owns by now, although nobody changes it here', async () => {
    await run()
    await game.die()
    const other = await world.createServer('game-2')
    await run(other)
    await renewalOf(game).look()
    expect(game.actors.size).toBe(0)
    expect(game.ended).toMatchObject([{ rid: 'ada', end: 'fenced' }])
    await expect(run(other)).resolves.toMatchObject({ exp: 3 })
    expect(await metrics.expose()).toMatch(/hydra_game_ownership_changes_total\{.*outcome="lost".*\} 1/)
  })

  it('plays on while the journal is away, and takes the role once more when it is back', async () => {
    world.faults.down.add('journal')
    world.faults.down.add('sessions')
    await expect(run()).resolves.toMatchObject({ exp: 1 })
    await expect(run()).resolves.toMatchObject({ exp: 2 })
    // Every change is in the database when it is answered.
    expect(await world.stored.find('ada')).toMatchObject({ data: { exp: 2 } })
    const before = epoch()
    const renewal = renewalOf(game)
    await renewal.look()
    expect(epoch()).toBe(before)

    world.faults.heal()
    // The journal is back, but does not know the role yet: changes still pass it by.
    await expect(run()).resolves.toMatchObject({ exp: 3 })
    expect(await world.memory.roleJournal.unsaved(1)).toEqual([])
    await renewal.look()
    expect(epoch()).toBeGreaterThan(before)
    expect(await world.memory.roleJournal.ownersOf(['ada'])).toMatchObject([{ owner: 'game-1' }])
    await expect(run()).resolves.toMatchObject({ exp: 4 })
    expect(await world.memory.roleJournal.unsaved(1)).toEqual([{ rid: 'ada', owner: 'game-1' }])
    await expect(saveAndLeave()).resolves.toBe('saved')
    expect(await world.stored.find('ada')).toMatchObject({ data: { exp: 4 } })
    expect(await world.memory.roleJournal.owners()).toEqual([])
  })

  it('takes a role once more that the journal has taken without being able to say so', async () => {
    world.faults.lost.add('journal.acquire')
    await run()
    world.faults.heal()
    expect(await world.memory.roleJournal.ownersOf(['ada'])).toMatchObject([{ owner: 'game-1' }])
    await renewalOf(game).look()
    await expect(run()).resolves.toMatchObject({ exp: 2 })
    expect(await world.memory.roleJournal.unsaved(1)).toEqual([{ rid: 'ada', owner: 'game-1' }])
  })

  it('leaves in good order while the journal is away', async () => {
    world.faults.down.add('journal')
    await run()
    await expect(saveAndLeave()).resolves.toBe('saved')
    expect(await world.stored.find('ada')).toMatchObject({ data: { exp: 1 } })
    const other = await world.createServer('game-2')
    session = await world.login('u1')
    await expect(run(other)).resolves.toMatchObject({ exp: 2 })
  })

  it('a takeover that fails half-way loses nothing, and the next one succeeds', async () => {
    world.faults.down.add('journal')
    await run()
    world.faults.heal()
    const renewal = renewalOf(game)
    world.faults.down.add('roles.takeOver')
    await renewal.look()
    await expect(run()).resolves.toMatchObject({ exp: 2 })
    world.faults.heal()
    await renewal.look()
    await expect(run()).resolves.toMatchObject({ exp: 3 })
    await expect(saveAndLeave()).resolves.toBe('saved')
    expect(await world.stored.find('ada')).toMatchObject({ data: { exp: 3 } })
  })

  it('is not held up by a leave that cannot end', async () => {
    await world.addRole('bob', 'u2')
    const bobs = await world.login('u2')
    await game.actors.run(callerOf(bobs), 'bob', gain)
    await game.queue.flush('bob')
    await run()
    world.faults.down.add('journal.append')
    world.faults.down.add('roles.saveAll')
    await expect(run()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    const leaving = saveAndLeave()
    await game.die()
    const other = await world.createServer('game-2')
    const taken = await other.ownership.take({ rid: 'bob', epoch: 0 })
    expect(taken?.snapshot.data).toMatchObject({ exp: 1 })
    await renewalOf(game).look()
    expect(game.ended).toMatchObject([{ rid: 'bob', end: 'fenced' }])
    world.faults.heal()
    let left = false
    const done = leaving.then(() => (left = true))
    await world.until(() => left, 100)
    await done
  })

  it('a server that was paused while another one played its role gives it back when it finds out', async () => {
    await run()
    await game.die()
    const other = await world.createServer('game-2')
    await run(other)
    const left = { kind: 'ended', reason: 'LOGGED_OUT', session } as const
    await expect(other.actors.leave(ada, left, false)).resolves.toBe('saved')
    await renewalOf(game).look()
    expect(game.ended).toMatchObject([{ rid: 'ada', end: 'fenced' }])
    expect(await world.memory.roleJournal.owners()).toEqual([])
    session = await world.login('u1')
    await expect(run(other)).resolves.toMatchObject({ exp: 3 })
  })

  it('stores again what could be stored nowhere', async () => {
    await run()
    world.faults.down.add('journal.append')
    world.faults.down.add('roles.saveAll')
    await expect(run()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    world.faults.heal()
    world.clock.advance(10_000)
    const [actor] = game.actors.all()
    expect(actor?.unsettled).toBe(true)
    await renewalOf(game).look()
    expect(actor?.unsettled).toBe(false)
    await expect(run()).resolves.toMatchObject({ exp: 2 })
  })
})
