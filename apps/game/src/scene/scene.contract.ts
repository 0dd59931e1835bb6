import { createSceneView, type SceneView } from '@hydra/client'
import { pushes, routes, type SceneEntity, type ScenePoint } from '@hydra/protocol'
import { eventually } from '@hydra/testing'
import { describe, expect, it } from 'vitest'
import { startingGold } from '../role/role.ts'
import { GateClient } from '../test-support/gate-client.ts'
import { GameFixture } from '../test-support/game-fixture.ts'
import { until, type TestGame } from '../test-support/game-world.ts'
import { sceneCaves, sceneTables } from '../test-support/scene-tables.ts'
import type { TestBackends } from '../test-support/test-backends.ts'
import type { TestSession } from '../test-support/test-gate.ts'

const { attack, enter, leave, move, pick, resync, travel } = routes.game.scene
const { bag, role, wallet } = routes.game
const tickMs = 100

/** A player with a view of its scene. */
interface Player {
  readonly rid: string
  readonly session: TestSession & { rid: string }
  readonly client: GateClient
  readonly view: SceneView
}

/** What scenes are to clients, with one game server or with several. `open` is called for each test. */
export function sceneContract(open: () => Promise<TestBackends>): void {
  const fixture = new GameFixture(open, { tables: sceneTables })
  let operation = 0

  const tick = (ticks = 1) => fixture.world.clock.advance(ticks * tickMs)
  /** Steps the scenes until something is so. */
  const ticking = (isSo: () => boolean) =>
    eventually(
      () => {
        if (isSo()) return true
        tick()
        return isSo()
      },
      { intervalMs: 5 },
    )
  const playing = (session: TestSession & { rid: string }, on: TestGame): Player => {
    const client = new GateClient(fixture.gate, session, on.id)
    const { clock } = fixture.world
    const view = createSceneView({ client, clock, random: () => 0.5 })
    return { rid: session.rid, session, client, view }
  }
  const entered = async (name: string, on = fixture.game): Promise<Player> => {
    const player = playing(await fixture.player(name, on), on)
    await player.view.enter()
    await ticking(() => player.view.inSync)
    return player
  }
  const others = ({ view }: Player, kind: SceneEntity['k'] = 'p') =>
    [...view.entities()].filter(({ i, k }) => k === kind && i !== view.info?.self)
  const sees = (player: Player, { rid }: Player) => [...player.view.entities()].find(({ r }) => r === rid)
  const hosted = ({ rid }: Player, on = fixture.game) => on.game.world.find(rid)?.scene
  /** Whether a view shows exactly what the server has. */
  const isExact = (player: Player, on = fixture.game) => {
    const state = hosted(player, on)?.state
    if (state === undefined || !player.view.inSync || player.view.cells.length === 0) return false
    return player.view.cells.every((cell) => player.view.digest(cell) === state.digest(cell))
  }
  /** Walks there in steps that the rules allow. */
  const walk = async (player: Player, to: ScenePoint) => {
    for (;;) {
      const [x, y] = player.view.self?.p ?? [0, 0]
      const [dx, dy] = [to[0] - x, to[1] - y]
      const distance = Math.hypot(dx, dy)
      const part = Math.min(1, 200 / distance)
      if (distance > 0) await player.view.move([Math.round(x + dx * part), Math.round(y + dy * part)])
      tick(5)
      if (distance <= 200) return
    }
  }
  /** Kills the one monster, which stands beside the start. */
  const kill = async (player: Player) => {
    const [monster] = others(player, 'm')
    if (monster === undefined) throw new Error('There is no monster in view.')
    for (let left = 1; left > 0; tick(8)) {
      left = (await player.client.request(attack, { target: monster.i })).left
    }
  }
  const purse = ({ client }: Player) => client.request(wallet.get, {})
  const herbs = async ({ client }: Player) =>
    (await client.request(bag.get, {})).slots.reduce((sum, slot) => sum + (slot?.count ?? 0), 0)

  describe('in one scene', () => {
    it('who enters sees what is there, and others see it come, move and go', async () => {
      const ada = await entered('Ada')
      expect(ada.view.info).toMatchObject({ scene: 'meadow', tickMs, at: [500, 500] })
      expect(others(ada, 'm')).toMatchObject([{ n: 'scarecrow', p: [600, 600] }])
      const bob = await entered('Bob')
      await ticking(() => sees(ada, bob) !== undefined)
      expect(sees(bob, ada)).toMatchObject({ n: 'Ada', p: [500, 500], l: 1 })

      await bob.view.move([600, 500])
      await ticking(() => sees(ada, bob)?.p[0] === 600)
      expect(isExact(ada)).toBe(true)
      await bob.client.request(leave, {})
      await ticking(() => sees(ada, bob) === undefined)
      await expect(bob.client.request(move, { to: [600, 500] })).rejects.toMatchObject({
        code: 'NOT_IN_SCENE',
      })
      await eventually(() => bob.view.info === undefined || !bob.view.inSync)
      await bob.view.enter()
      expect(bob.view.info?.at).toEqual([600, 500])
    })

    it('changes of cells in which nobody looks are not sent, and who comes there sees them', async () => {
      const [ada, bob] = [await entered('Ada'), await entered('Bob')]
      await walk(bob, [5_500, 500])
      await ticking(() => sees(ada, bob) === undefined && isExact(ada) && isExact(bob))
      expect(others(bob, 'm')).toEqual([])
      const deltas = ada.client.collect(pushes.game.scene.delta)
      await walk(bob, [5_500, 900])
      expect(deltas).toEqual([])

      await walk(bob, [700, 500])
      await ticking(() => isExact(ada) && isExact(bob))
      expect(sees(ada, bob)).toMatchObject({ p: [700, 500] })
      expect(sees(bob, ada)).toMatchObject({ p: [500, 500] })
      expect(others(bob, 'm')).toHaveLength(1)
    })

    it('a step that is too long is refused, and changes nothing', async () => {
      const ada = await entered('Ada')
      await expect(ada.view.move([7_000, 5_000])).rejects.toMatchObject({
        code: 'MOVE_TOO_FAR',
        metadata: { at: [500, 500] },
      })
      await expect(ada.view.move([8_001, 500])).rejects.toMatchObject({ code: 'PLACE_OUTSIDE' })
      expect(hosted(ada)?.playerOf(ada.rid)?.p).toEqual([500, 500])
    })

    it('has room for so many, and no more', async () => {
      await Promise.all(['Ada', 'Bob', 'Cyd', 'Dan'].map((name) => entered(name)))
      const eve = playing(await fixture.player('Eve'), fixture.game)
      await expect(eve.client.request(enter, {})).rejects.toMatchObject({ code: 'SCENE_FULL' })
    })

    it('silent cells give a sign of life', async () => {
      const ada = await entered('Ada')
      const beats = ada.client.collect(pushes.game.scene.beat)
      await ticking(() => beats.length >= ada.view.cells.length)
      const state = hosted(ada)?.state
      for (const { x, c, d, p } of beats) {
        expect(x).toBe(state?.key)
        expect([d, p]).toEqual([state?.digest(c), state?.lastChange(c)])
      }
    })

    it('a session that lost its cells has them back by asking', async () => {
      const [ada, bob] = [await entered('Ada'), await entered('Bob')]
      const topics = fixture.gate.topics.of(ada.session.sessionId)
      const { sessionId } = ada.session
      const call = { sessionId, topics: [...topics] }
      await fixture.gate.peer.call(routes.gate.topic.leave, call, { to: { server: fixture.gate.peer.id } })
      await bob.view.move([600, 500])
      tick()
      expect(sees(ada, bob)?.p).toEqual([500, 500])
      await ada.client.request(resync, {})
      await ticking(() => sees(ada, bob)?.p[0] === 600 && isExact(ada))
      expect(fixture.gate.topics.of(sessionId)).toEqual(topics)
    })

    it('a gate that fails is tried again, and not for ever', async () => {
      const ada = playing(await fixture.player('Ada'), fixture.game)
      fixture.gate.topics.isBroken = true
      const before = fixture.gate.topics.joins
      await ada.client.request(enter, {})
      await ticking(() =>
        fixture.game.lines.some(({ msg }) => String(msg).includes('does not see its scene')),
      )
      expect(fixture.gate.topics.joins - before).toBe(5)
      tick(600)
      fixture.gate.topics.isBroken = false
      expect(fixture.gate.topics.joins - before).toBe(5)
      await ada.view.enter()
      await ticking(() => isExact(ada))
    })
  })

  describe('what is won', () => {
    it('a kill brings experience and gold, told when they are stored, and once', async () => {
      const [ada, bob] = [await entered('Ada'), await entered('Bob')]
      const rewards = ada.client.collect(pushes.game.role.rewarded)
      await kill(ada)
      await ticking(() => rewards.length > 0)
      expect(rewards).toMatchObject([
        { reason: 'kill', exp: 60, gold: 7, items: [], role: { level: 1, exp: 60 } },
      ])
      expect(await purse(ada)).toMatchObject({ gold: startingGold + 7 })
      expect(await purse(bob)).toMatchObject({ gold: startingGold })
      expect((await ada.client.request(routes.game.daily.get, {})).kills).toBe(1)
    })

    it('a team shares the experience of those who are near, and is better off; the gold is the killer’s', async () => {
      const [ada, bob] = [await entered('Ada'), await entered('Bob')]
      const { team } = await ada.client.request(routes.game.team.create, {})
      await ada.client.request(routes.game.team.invite, { rid: bob.rid })
      await bob.client.request(routes.game.team.accept, { teamId: team.teamId })
      const rewards = [ada, bob].map(({ client }) => client.collect(pushes.game.role.rewarded))
      await kill(ada)
      await ticking(() => rewards.every((each) => each.length > 0))
      expect(rewards).toMatchObject([[{ exp: 33, gold: 7 }], [{ exp: 33, gold: 0 }]])
    })

    it('a level that is gained is seen by others, with its health', async () => {
      const [ada, bob] = [await entered('Ada'), await entered('Bob')]
      await fixture.game.game.actors.run(
        { session: ada.session, route: 'game.test.gain', remainingMs: () => 1_000 },
        ada.rid,
        (turn) => turn.change((state) => ({ ...state, exp: 50 })),
      )
      await kill(ada)
      await ticking(() => sees(bob, ada)?.l === 2)
      expect(sees(bob, ada)).toMatchObject({ l: 2, h: [120, 120] })
    })

    it('loot is taken once, by the one whose it is', async () => {
      const [ada, bob] = [await entered('Ada'), await entered('Bob')]
      await kill(ada)
      await ticking(() => others(bob, 'l').length === 1 && others(ada, 'l').length === 1)
      const [loot] = others(ada, 'l')
      if (loot === undefined) throw new Error('There is no loot in view.')
      const taking = { loot: loot.i, operation: (operation += 1) }
      await expect(bob.client.request(pick, taking)).rejects.toMatchObject({ code: 'LOOT_RESERVED' })
      const tries = await Promise.allSettled([
        ada.client.request(pick, taking),
        ada.client.request(pick, taking),
        ada.client.request(pick, { ...taking, operation: (operation += 1) }),
      ])
      expect(tries.map((each) => (each.status === 'fulfilled' ? each.value : each.reason.code))).toEqual([
        { item: 'herb', count: 2 },
        'OPERATION_REPEATED',
        'TARGET_NOT_FOUND',
      ])
      expect(await herbs(ada)).toBe(2)
      await ticking(() => others(bob, 'l').length === 0)
    })

    it('loot that could not be stored lies there again, and is taken once all the same', async () => {
      const ada = await entered('Ada')
      await kill(ada)
      await ticking(() => others(ada, 'l').length === 1)
      const take = () => {
        const [loot] = others(ada, 'l')
        return ada.client.request(pick, { loot: loot?.i ?? 0, operation: (operation += 1) })
      }
      const loot = others(ada, 'l')[0]?.i
      fixture.game.faults.lost.add('journal.append')
      fixture.game.faults.down.add('roles')
      await expect(take()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
      fixture.game.faults.heal()
      await ticking(() => others(ada, 'l').some(({ i }) => i !== loot) && isExact(ada))
      expect(others(ada, 'l')).toMatchObject([{ o: ada.rid, q: 2 }])
      await expect(take()).resolves.toEqual({ item: 'herb', count: 2 })
      expect(await herbs(ada)).toBe(2)
    })
  })

  describe('when sessions end and begin', () => {
    it('a player who is cut off is shown as away, cannot act, and is back with the next request', async () => {
      const [ada, bob] = [await entered('Ada'), await entered('Bob')]
      await expect(fixture.gate.leave({ ...ada.session }, true, fixture.game.id)).resolves.toBe('grace')
      await ticking(() => sees(bob, ada)?.s === 'a')
      const session = { ...(await fixture.gate.login(ada.session.uid)), rid: ada.rid }
      const again = playing(session, fixture.game)
      await again.client.request(role.enter, { rid: ada.rid })
      await ticking(() => sees(bob, ada)?.s === undefined)
      await again.view.enter()
      await ticking(() => isExact(again))
      expect(again.view.info?.self).toBe(ada.view.info?.self)
    })

    it('a player who does not come back is gone after the grace, and its place is kept', async () => {
      const [ada, bob] = [await entered('Ada'), await entered('Bob')]
      await ada.view.move([600, 500])
      await fixture.gate.leave({ ...ada.session }, true, fixture.game.id)
      await ticking(() => sees(bob, ada) === undefined)
      await fixture.world.roleLeft(ada.rid)
      const row = await fixture.rowOf(ada.rid)
      expect(row?.data).toMatchObject({ place: { scene: 'meadow', x: 600, y: 500 } })
      expect(hosted(ada)).toBeUndefined()
    })

    it('a second session takes the scene over, and the first one receives nothing more', async () => {
      const ada = await entered('Ada')
      const session = { ...(await fixture.gate.login(ada.session.uid)), rid: ada.rid }
      const second = playing(session, fixture.game)
      await second.client.request(role.enter, { rid: ada.rid })
      await expect(ada.client.request(move, { to: [600, 500] })).rejects.toMatchObject({
        code: 'SESSION_ENDED',
      })
      fixture.gate.topics.close(ada.session.sessionId)
      await second.client.request(move, { to: [600, 500] })
      const views = second.client.collect(pushes.game.scene.view)
      await ticking(() => views.length > 0)
      await second.view.enter()
      await ticking(() => isExact(second))
      expect(second.view.self).toMatchObject({ p: [600, 500] })
    })

    it('a place is noted now and then, and found again after the server has died', async () => {
      const ada = await entered('Ada')
      await walk(ada, [900, 700])
      tick(300)
      const { actors } = fixture.game.game
      await eventually(() => actors.peek(ada.rid)?.place?.x === 900)
      const other = await fixture.world.startGame()
      await fixture.gateSees(other)
      await fixture.game.die()
      await until(other.registry, () => other.registry.get(fixture.game.id) === undefined)
      ada.client.server = other.id
      await expect(ada.client.request(move, { to: [900, 800] })).rejects.toMatchObject({
        code: 'NOT_IN_SCENE',
      })
      await ada.view.enter()
      await ticking(() => isExact(ada, other))
      expect(ada.view.self).toMatchObject({ p: [900, 700] })
    })
  })

  describe('with several servers', () => {
    const games: TestGame[] = []
    const serverOf = (scene: string) => fixture.gate.peer.pick({ type: 'game', key: `scene-${scene}` })
    const gameOf = (id: string) => {
      const game = games.find((each) => each.id === id)
      if (game === undefined) throw new Error(`There is no game server ${id}.`)
      return game
    }
    /** Starts servers until a cave is on another one than the meadow; answers both, and the cave. */
    const spread = async () => {
      games.splice(0, games.length, fixture.game)
      for (;;) {
        const meadow = serverOf('meadow')
        const cave = sceneCaves.find((id) => serverOf(id) !== meadow)
        if (cave !== undefined) return { meadow: gameOf(meadow), cave, other: gameOf(serverOf(cave)) }
        const game = await fixture.world.startGame()
        games.push(game)
        await fixture.gateSees(game)
        for (const each of games) {
          await until(each.registry, () => each.registry.list('game').length === games.length)
        }
      }
    }

    it('entering anywhere ends where the scene is', async () => {
      const { meadow, other } = await spread()
      const ada = playing(await fixture.player('Ada', other), other)
      await ada.view.enter()
      await ticking(() => isExact(ada, meadow))
      expect(ada.client.server).toBe(meadow.id)
      expect(other.game.actors.has(ada.rid)).toBe(false)
    })

    it('who travels goes on on the other server with all that it has, under a larger epoch', async () => {
      const { meadow, cave, other } = await spread()
      const [ada, bob] = [await entered('Ada', meadow), await entered('Bob', meadow)]
      await kill(ada)
      await ticking(() => others(ada, 'l').length === 1)
      await ada.client.request(pick, { loot: others(ada, 'l')[0]?.i ?? 0, operation: (operation += 1) })
      const epoch = [...meadow.game.actors.all()].find(({ rid }) => rid === ada.rid)?.ownership?.epoch ?? 0

      const info = await ada.view.travel(cave)
      expect(info).toMatchObject({ scene: cave, at: [100, 200] })
      await ticking(() => isExact(ada, other) && sees(bob, ada) === undefined)
      expect(meadow.game.actors.has(ada.rid)).toBe(false)
      const actor = [...other.game.actors.all()].find(({ rid }) => rid === ada.rid)
      expect(actor?.ownership?.epoch).toBeGreaterThan(epoch)
      expect(await purse(ada)).toMatchObject({ gold: startingGold + 7 })
      expect(await herbs(ada)).toBe(2)
      // Whoever has not heard the answer asks again, and has arrived.
      await expect(ada.client.request(travel, { to: cave })).resolves.toMatchObject({
        scene: cave,
        x: info.x,
      })

      await ada.view.travel('meadow')
      await ticking(() => isExact(ada, meadow) && sees(bob, ada) !== undefined)
      expect(ada.view.self).toMatchObject({ p: [450, 500] })
      expect(await herbs(ada)).toBe(2)
    })

    it('a scene without room strands nobody: who comes to it begins at the start of the world', async () => {
      const { meadow, cave } = await spread()
      for (const name of ['Bob', 'Cyd', 'Dan', 'Eve']) {
        const player = await entered(name, meadow)
        await player.view.travel(cave)
      }
      const ada = await entered('Ada', meadow)
      // Whether the journey is answered depends on how often the gate goes after it; the role has somewhere to be.
      await ada.client.request(travel, { to: cave }).catch(() => undefined)
      await expect(ada.view.enter()).resolves.toMatchObject({ scene: 'meadow' })
      await ticking(() => isExact(ada, meadow))
      expect(ada.view.self).toMatchObject({ p: [500, 500] })
    })

    it('what waits behind a journey follows the role', async () => {
      const { meadow, cave, other } = await spread()
      const ada = await entered('Ada', meadow)
      const [journey, got] = await Promise.all([
        ada.client.request(travel, { to: cave }),
        ada.client.request(role.get, {}),
      ])
      expect(journey).toMatchObject({ scene: cave })
      expect(got.role.rid).toBe(ada.rid)
      expect(hosted(ada, other)?.row.id).toBe(cave)
    })

    it('a role that cannot be saved stays, and goes when it can', async () => {
      const { meadow, cave } = await spread()
      const ada = await entered('Ada', meadow)
      meadow.faults.down.add('roles')
      const refused = ada.client.request(travel, { to: cave }).catch((error: unknown) => error)
      let answer: unknown
      void refused.then((error) => (answer = error))
      await ticking(() => answer !== undefined)
      expect(answer).toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
      expect(await purse(ada)).toMatchObject({ gold: startingGold })
      meadow.faults.heal()
      await expect(ada.client.request(enter, {})).resolves.toMatchObject({ scene: cave, at: [100, 200] })
    })

    it('when the server of a scene dies, its players enter again elsewhere', async () => {
      const { meadow, other } = await spread()
      const ada = await entered('Ada', meadow)
      await meadow.die()
      await until(
        fixture.gate.cluster.registry,
        () => fixture.gate.cluster.registry.get(meadow.id) === undefined,
      )
      for (const each of games) {
        if (each !== meadow) await until(each.registry, () => each.registry.get(meadow.id) === undefined)
      }
      ada.client.server = other.id
      await ada.view.enter()
      await ticking(() => isExact(ada, gameOf(ada.client.server)))
      expect(ada.view.info?.scene).toBe('meadow')
    })

    it('a server that stops closes its scenes, and the views go on elsewhere by themselves', async () => {
      const { meadow } = await spread()
      const ada = await entered('Ada', meadow)
      await ada.view.move([600, 500])
      const closed = ada.client.collect(pushes.game.scene.closed)
      const key = ada.view.info?.x
      await meadow.app.stop()
      await ticking(() => ada.client.server !== meadow.id && isExact(ada, gameOf(ada.client.server)))
      expect(closed).toEqual([{ x: key, reason: 'closing' }])
      expect(ada.view.info).toMatchObject({ scene: 'meadow', at: [600, 500] })
    })

    it('what was won in the last moment before a server stops is kept', async () => {
      const { meadow, other } = await spread()
      const ada = await entered('Ada', meadow)
      const [monster] = others(ada, 'm')
      const hit = () => ada.client.request(attack, { target: monster?.i ?? 0 })
      while ((await hit()).left > 0) tick(8)
      await meadow.app.stop()
      ada.client.server = other.id
      expect(await purse(ada)).toMatchObject({ gold: startingGold + 7 })
    })

    it('a scene goes to a server that has come for it, after a moment, with its players', async () => {
      games.splice(0, games.length, fixture.game)
      const ada = await entered('Ada')
      await ada.view.move([600, 500])
      const closed = ada.client.collect(pushes.game.scene.closed)
      while (serverOf('meadow') === fixture.game.id) {
        const game = await fixture.world.startGame()
        games.push(game)
        await fixture.gateSees(game)
      }
      for (const each of games) {
        await until(each.registry, () => each.registry.list('game').length === games.length)
      }
      tick(20)
      expect(closed).toEqual([])
      await ticking(() => ada.client.server !== fixture.game.id && isExact(ada, gameOf(ada.client.server)))
      expect(closed).toMatchObject([{ reason: 'moved' }])
      expect(ada.view.info).toMatchObject({ scene: 'meadow', at: [600, 500] })
    })
  })
}
