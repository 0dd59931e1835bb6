import { createMemoryCluster, type RpcPeer } from '@hydra/rpc'
import { createCountingIds, createMetrics, silentLogger, type Metrics } from '@hydra/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RoleTurn } from '../actor/role-turn.ts'
import { createGameMetrics } from '../game-metrics.ts'
import { startingGold } from '../role/role.ts'
import { callerOf, createActorWorld } from '../test-support/actor-world.ts'
import { TestChat } from '../test-support/test-chat.ts'
import { openTestPeer } from '../test-support/test-peer.ts'
import { HoldResolver } from './resolve-holds.ts'
import { walletOf, withHold } from './wallet.ts'

type World = Awaited<ReturnType<typeof createActorWorld>>
type Server = Awaited<ReturnType<World['createServer']>>

const holdMaxMs = 30_000
const ada = { rid: 'ada', uid: 'u1', remainingMs: () => 5_000 }

describe('payments that were left behind', () => {
  let world: World
  let game: Server
  let chat: TestChat
  let peers: RpcPeer[]
  let metrics: Metrics
  let holds: HoldResolver
  let session: Awaited<ReturnType<World['login']>>

  beforeEach(async () => {
    world = await createActorWorld()
    game = await world.createServer('game-1')
    await world.addRole('ada', 'u1')
    session = await world.login('u1')
    chat = new TestChat()
    metrics = createMetrics({ service: 'game' })
    const { clock } = world
    const options = { env: 'test', cluster: createMemoryCluster(), clock, ids: createCountingIds('server') }
    const peer = await openTestPeer({ ...options, type: 'game' })
    peers = [
      peer,
      await openTestPeer({ ...options, type: 'chat' }, (it) => it.serve('chat', chat.handlers())),
    ]
    holds = new HoldResolver({
      peer,
      actors: game.actors,
      clock,
      log: silentLogger,
      resolved: createGameMetrics(metrics).holdsResolved,
      holdMaxMs,
      intervalMs: 1_000,
      timeoutMs: 1_000,
    })
  })
  afterEach(async () => {
    holds.stop()
    await Promise.all(peers.map((peer) => peer.close(0)))
    await world.close()
  })

  const run = <T>(job: (role: RoleTurn) => T | Promise<T>) => game.actors.run(callerOf(session), 'ada', job)
  const pay = (holdId: string, amount = 100) =>
    run((role) =>
      role.changeDurably((state) =>
        withHold(state, { holdId, amount, purpose: 'alliance' }, world.clock.nowMs()),
      ),
    )
  const wallet = () => run((role) => walletOf(role.state))
  const state = () => run((role) => role.state)
  const counted = async (outcome: string) =>
    new RegExp(`^hydra_game_holds_resolved_total\\{.*outcome="${outcome}".*\\} (\\d+)$`, 'm').exec(
      await metrics.expose(),
    )?.[1]

  it('are taken for what they have bought, and given back if they have bought nothing', async () => {
    await pay('h1', 100)
    await pay('h2', 200)
    world.clock.advance(holdMaxMs + 1)
    await pay('h3', 50)
    chat.founded.add('h1')
    expect(await holds.resolve(ada)).toBe(true)
    expect(chat.heard).toEqual(['outcome h1', 'outcome h2'])
    expect(await wallet()).toMatchObject({ gold: startingGold - 150, held: 50 })
    expect([await counted('settled'), await counted('released')]).toEqual(['1', '1'])
    expect(await holds.resolve(ada)).toBe(false)
    await expect(pay('h2')).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  })

  it('stay while chat does not say, and the others end', async () => {
    await pay('h1', 100)
    world.clock.advance(holdMaxMs + 1)
    chat.isAway = true
    expect(await holds.resolve(ada)).toBe(false)
    expect(await wallet()).toMatchObject({ held: 100 })
    expect(await counted('unknown')).toBe('1')
    chat.isAway = false
    await pay('h2', 200)
    world.clock.advance(holdMaxMs + 1)
    chat.answersLost = 1
    expect(await holds.resolve(ada)).toBe(true)
    expect(await wallet()).toMatchObject({ held: 100 })
  })

  it('are looked after in the background when asked, once at a time', async () => {
    await pay('h1')
    holds.request(await state())
    await holds.look()
    expect(chat.heard).toEqual([])
    world.clock.advance(holdMaxMs + 1)
    const role = await state()
    holds.request(role)
    holds.request(role)
    await holds.look()
    expect(chat.heard).toEqual(['outcome h1'])
    expect(await wallet()).toMatchObject({ gold: startingGold, held: 0 })
  })

  it('are found by the look through the roles in memory, at each interval', async () => {
    await pay('h1')
    holds.start()
    world.clock.advance(holdMaxMs)
    await holds.look()
    expect(await wallet()).toMatchObject({ held: 100 })
    world.clock.advance(1_000)
    await holds.look()
    expect(await wallet()).toMatchObject({ gold: startingGold, held: 0 })
  })

  it('of a role that left meanwhile end all the same', async () => {
    await pay('h1')
    world.clock.advance(holdMaxMs + 1)
    const role = await state()
    await game.actors.leave(ada, { kind: 'ended', reason: 'LOGGED_OUT', session }, false)
    holds.request(role)
    await holds.look()
    await world.until(() => game.actors.size === 0, 10)
    const row = await world.stored.find('ada')
    expect(row?.data['wallet']).toEqual({ gold: startingGold, gems: 0, holds: {}, endedHolds: ['h1'] })
  })

  it('end once when the caller turns out to live', async () => {
    await pay('h1')
    world.clock.advance(holdMaxMs + 1)
    chat.founded.add('h1')
    await Promise.all([holds.resolve(ada), holds.resolve(ada)])
    expect(chat.heard).toEqual(['outcome h1'])
    expect(await wallet()).toMatchObject({ gold: startingGold - 100, held: 0 })
  })

  it('fail nobody when the stores are away', async () => {
    await pay('h1')
    world.clock.advance(holdMaxMs + 1)
    const role = await state()
    world.faults.down.add('journal').add('roles')
    holds.request(role)
    await holds.look()
    expect(await holds.resolve(ada)).toBe(false)
    world.faults.heal()
    world.clock.advance(10_000)
    await holds.look()
    expect(await wallet()).toMatchObject({ gold: startingGold, held: 0 })
  })
})
