import { createMetrics, silentLogger } from '@hydra/runtime'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createGameMetrics } from '../game-metrics.ts'
import { callerOf, createActorWorld } from '../test-support/actor-world.ts'
import type { RoleTurn } from './role-turn.ts'
import { StrayRoles } from './stray-roles.ts'

type World = Awaited<ReturnType<typeof createActorWorld>>
type Server = Awaited<ReturnType<World['createServer']>>

const gain = (role: RoleTurn) => role.change((state) => ({ ...state, exp: state.exp + 1 }))

let world: World
let game: Server
let strays: StrayRoles
beforeEach(async () => {
  world = await createActorWorld()
  game = await world.createServer('game-1')
  await world.addRole('ada', 'u1')
  strays = new StrayRoles({
    owner: 'game-1',
    actors: game.actors,
    journal: world.memory.roleJournal,
    roles: world.stored,
    clock: world.clock,
    log: silentLogger,
    strays: createGameMetrics(createMetrics({ service: 'test' })).strays,
    intervalMs: 1_000,
  })
})
afterEach(() => world.close())

it('saves and gives up what this server owns without having it, at the second look', async () => {
  const dead = await world.createServer('game-dead')
  await dead.actors.run(callerOf(await world.login('u1')), 'ada', gain)
  await dead.die()
  // The journal has granted it, and the answer was lost.
  await world.memory.roleJournal.acquire('ada', 'game-1', { replaces: 'game-dead' })
  await strays.look()
  expect(await world.stored.find('ada')).toMatchObject({ data: { exp: 0 } })
  await strays.look()
  expect(await world.stored.find('ada')).toMatchObject({ data: { exp: 1 } })
  expect(await world.memory.roleJournal.owners()).toEqual([])
  expect(game.actors.size).toBe(0)
})

it('leaves alone what is in memory, and looks at each interval', async () => {
  const session = await world.login('u1')
  await game.actors.run(callerOf(session), 'ada', gain)
  strays.start()
  for (let round = 0; round < 3; round++) {
    world.clock.advance(1_000)
    await strays.look()
  }
  strays.stop()
  expect(game.actors.countByStage()).toMatchObject({ active: 1 })
  await expect(game.actors.run(callerOf(session), 'ada', gain)).resolves.toMatchObject({ exp: 2 })
})

it('goes on after a store was away', async () => {
  await world.memory.roleJournal.acquire('ada', 'game-1')
  await strays.look()
  world.faults.down.add('roles')
  await strays.look()
  world.faults.heal()
  await strays.look()
  await strays.look()
  expect(await world.memory.roleJournal.owners()).toEqual([])
})
