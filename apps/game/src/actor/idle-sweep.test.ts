import { createMemoryRegistry, MemoryRegistryHub, type ServerRecord } from '@hydra/rpc'
import { silentLogger } from '@hydra/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { actorSettings, callerOf, createActorWorld } from '../test-support/actor-world.ts'
import { IdleSweep } from './idle-sweep.ts'

type World = Awaited<ReturnType<typeof createActorWorld>>
type Server = Awaited<ReturnType<World['createServer']>>

const idleMs = 60_000
const touch = () => 'touched'
const gate: ServerRecord = {
  id: 'gate-1',
  type: 'gate',
  zone: 'test',
  host: 'localhost',
  state: 'ready',
  metadata: {},
  startedAtMs: 0,
  protocol: 1,
}

describe('IdleSweep', () => {
  let world: World
  let game: Server
  let sweep: IdleSweep
  let session: Awaited<ReturnType<World['login']>>
  let withdrawGate: () => Promise<void>

  beforeEach(async () => {
    world = await createActorWorld()
    game = await world.createServer('game-1')
    const registry = createMemoryRegistry({ hub: new MemoryRegistryHub() })
    const announcement = await registry.announce(gate)
    withdrawGate = () => announcement.withdraw()
    sweep = new IdleSweep({
      actors: game.actors,
      sessions: world.faults.wrap('sessions', world.memory.sessions),
      registry,
      clock: world.clock,
      log: silentLogger,
      idleMs,
      sweepIntervalMs: 30_000,
    })
    await world.addRole('ada', 'u1')
    session = await world.login('u1', gate.id)
    await game.actors.run(callerOf(session), 'ada', touch)
  })
  afterEach(async () => {
    sweep.stop()
    await world.close()
  })

  it('leaves roles alone that are called, or whose session is where it was', async () => {
    await world.memory.sessions.release('u1', session.sessionId)
    world.clock.advance(idleMs - 1)
    await sweep.sweep()
    expect(game.actors.countByStage()).toMatchObject({ active: 1 })

    const again = await world.login('u1', gate.id)
    await game.actors.run(callerOf(again), 'ada', touch)
    world.clock.advance(idleMs)
    await sweep.sweep()
    expect(game.actors.countByStage()).toMatchObject({ active: 1 })
  })

  it('has a role leave whose session record is gone, by itself', async () => {
    sweep.start()
    await world.memory.sessions.release('u1', session.sessionId)
    world.clock.advance(idleMs / 2)
    await new Promise((resolve) => setImmediate(resolve))
    world.clock.advance(idleMs / 2)
    await world.until(() => game.actors.countByStage().grace === 1)
    world.clock.advance(actorSettings.graceMs)
    await world.until(() => game.actors.size === 0)
    expect(game.ended).toMatchObject([{ end: 'saved', leave: { reason: 'IDLE' } }])
  })

  it('has a role leave at once, idle or not, whose session was replaced by a login that it was not told of', async () => {
    const newer = await world.login('u1', 'gate-2')
    await game.actors.run(callerOf(session), 'ada', touch)
    await sweep.sweep()
    await expect(game.actors.run(callerOf(session), 'ada', touch)).rejects.toMatchObject({
      code: 'SESSION_ENDED',
    })
    await world.until(() => game.actors.size === 0)
    expect(game.ended).toMatchObject([{ end: 'saved', leave: { reason: 'DUPLICATE_LOGIN' } }])
    expect(await world.memory.sessions.get('u1')).toMatchObject({ sessionId: newer.sessionId })
  })

  it('does not hold up whoever stops it', async () => {
    await world.memory.sessions.release('u1', session.sessionId)
    world.clock.advance(idleMs)
    const swept = sweep.sweep()
    sweep.stop()
    await swept
    expect(game.actors.countByStage()).toMatchObject({ active: 1 })
  })

  it('has a role leave whose gate is gone', async () => {
    await withdrawGate()
    world.clock.advance(idleMs)
    await sweep.sweep()
    world.clock.advance(actorSettings.graceMs)
    await world.until(() => game.actors.size === 0)
    expect(game.ended).toMatchObject([{ end: 'saved', leave: { reason: 'GATE_LOST' } }])
    expect(await world.memory.sessions.get('u1')).toBeUndefined()
  })

  it('keeps a role whose player proves to be there within the grace', async () => {
    await world.memory.sessions.release('u1', session.sessionId)
    world.clock.advance(idleMs)
    await sweep.sweep()
    await game.actors.run(callerOf(session), 'ada', touch)
    world.clock.advance(actorSettings.graceMs)
    expect(game.actors.countByStage()).toMatchObject({ active: 1 })
  })

  it('harms nobody while the session store is away', async () => {
    await world.memory.sessions.release('u1', session.sessionId)
    world.faults.down.add('sessions')
    world.clock.advance(idleMs)
    await sweep.sweep()
    expect(game.actors.countByStage()).toMatchObject({ active: 1 })
    world.faults.heal()
    await sweep.sweep()
    expect(game.actors.countByStage()).toMatchObject({ grace: 1 })
  })
})
