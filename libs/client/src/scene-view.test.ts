import { setImmediate as turn } from 'node:timers/promises'
import { cellDigest } from '@hydra/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SceneViewOptions } from './scene-view-options.ts'
import { createSceneView } from './scene-view.ts'
import { connected } from './test-support/connected.ts'
import { ManualClock } from './test-support/manual-clock.ts'
import { PeerServer } from './test-support/peer-server.ts'
import { infoOf, playerAt, SceneServer } from './test-support/scene-server.ts'

describe('over a connection', () => {
  let server: PeerServer

  beforeEach(async () => {
    server = await PeerServer.listen()
  })

  afterEach(() => server.close())

  test('shows what came before the answer, goes on with deltas, and has a gap filled', async () => {
    const { client, peer } = await connected(server)
    const told: string[] = []
    let onTold = () => {}
    const toldOf = (count: number) =>
      new Promise<void>((resolve) => {
        onTold = () => told.length >= count && resolve()
        onTold()
      })
    const view = createSceneView({
      client,
      random: () => 0,
      onChange: (change) => {
        told.push(change.kind === 'scene' ? change.info.scene : `${change.kind} ${change.entity.i}`)
        onTold()
      },
    })
    const [ada, bob] = [playerAt(1, 10, 10), playerAt(2, 50, 50)]
    const entering = view.enter()
    const request = await peer.nextRequest()
    expect(request.route).toBe('game.scene.enter')
    peer.push('game.scene.delta', { x: 1, c: 0, t: 8, p: 7, u: [{ i: 1, p: [20, 10] }] })
    peer.push('game.scene.view', { x: 1, t: 7, v: [0], c: [{ c: 0, t: 7, e: [ada] }] })
    peer.respond(request, infoOf({ t: 6 }))
    expect(await entering).toEqual(infoOf({ t: 6 }))
    expect([view.inSync, view.self?.p, view.tick]).toEqual([true, [20, 10], 8])
    expect(view.digest(0)).toBe(cellDigest([{ ...ada, p: [20, 10] }]))

    peer.push('game.scene.delta', { x: 1, c: 0, t: 9, p: 8, e: [bob] })
    await toldOf(3)
    peer.push('game.scene.delta', { x: 1, c: 0, t: 11, p: 10, g: [2] })
    const asking = await peer.nextRequest()
    expect([asking.route, view.inSync, view.digest(0)]).toEqual(['game.scene.resync', false, undefined])
    peer.respond(asking, { x: 1, t: 11 })
    peer.push('game.scene.view', { x: 1, t: 11, v: [0], c: [{ c: 0, t: 11, e: [ada] }] })
    await toldOf(5)
    expect(told).toEqual(['meadow', 'entered 1', 'entered 2', 'left 2', 'changed 1'])
    expect([view.inSync, view.digest(0), [...view.entities()]]).toEqual([true, cellDigest([ada]), [ada]])
    view.close()
    await client.close()
  })
})

describe('step by step', () => {
  let server: SceneServer
  let clock: ManualClock
  let told: string[]

  beforeEach(() => {
    server = new SceneServer()
    clock = new ManualClock()
    told = []
  })

  const open = (options: Partial<SceneViewOptions> = {}) =>
    createSceneView({
      client: server,
      clock,
      random: () => 1,
      onAction: (action) => told.push(action.join()),
      onClosed: (reason) => told.push(reason),
      onError: ({ code }) => told.push(code),
      ...options,
    })

  /** In a scene of one cell, with Ada in it. */
  const entered = async (options: Partial<SceneViewOptions> = {}) => {
    const view = open(options)
    const entering = view.enter()
    server.next().answer(infoOf())
    await entering
    server.view({ c: [{ c: 0, t: 0, e: [playerAt(1, 10, 10)] }] })
    return view
  }

  /** Time passes, and what waits for it goes on. */
  const pass = async (ms: number) => {
    clock.advance(ms)
    await turn()
  }

  test('keeps nothing of scenes into which the role is not coming', async () => {
    const view = await entered()
    server.view({ x: 2, v: [5] })
    server.delta({ x: 2, e: [playerAt(9, 0, 0)] })
    server.closed({ x: 2, reason: 'moved' })
    const travelling = view.travel('cave')
    server.view({ x: 3, c: [{ c: 0, t: 0, e: [playerAt(7, 1, 1)] }] })
    server.delta({ t: 1, p: 0, u: [{ i: 1, p: [30, 10] }] })
    expect(view.get(1)?.p).toEqual([30, 10])
    server.next().answer(infoOf({ scene: 'cave', x: 3, self: 7 }))
    await travelling
    expect([view.info?.scene, view.self?.i, view.inSync, view.get(1)]).toEqual(['cave', 7, true, undefined])
    server.delta({ t: 2, p: 1, g: [1] })
    expect([view.inSync, server.requests.length, told]).toEqual([true, 0, []])
  })

  test('passes over what comes twice', async () => {
    const view = await entered()
    for (let i = 0; i < 2; i++) server.delta({ t: 1, p: 0, e: [playerAt(2, 0, 0)], a: [[1, 2, 5]] })
    server.delta({ t: 2, p: 1, g: [2] })
    server.delta({ t: 1, p: 0, e: [playerAt(2, 0, 0)] })
    server.beat({ t: 30, p: 1, d: 77 })
    server.view({ v: [0, 1] })
    expect([view.get(2), view.inSync, told]).toEqual([undefined, false, ['1,2,5']])
  })

  test('follows who crosses a border, in whichever order the two cells tell it', async () => {
    const left: number[] = []
    const view = await entered({ onChange: (change) => change.kind === 'left' && left.push(change.entity.i) })
    server.view({ t: 1, v: [0, 1], c: [{ c: 1, t: 0, e: [] }] })
    server.delta({ c: 1, t: 2, e: [playerAt(1, 210, 10)] })
    server.delta({ c: 0, t: 2, g: [1] })
    expect([left, view.self?.p, view.get(1)?.p]).toEqual([[], [210, 10], [210, 10]])
    server.delta({ c: 1, t: 3, p: 2, g: [1] })
    expect([left, view.get(1), view.self?.p]).toEqual([[1], undefined, [210, 10]])
    server.delta({ c: 0, t: 3, p: 2, e: [playerAt(1, 190, 10)] })
    expect([view.self?.p, view.inSync]).toEqual([[190, 10], true])
    // There and back; all of the one cell before anything of the other.
    server.delta({ c: 0, t: 4, p: 3, g: [1] })
    server.delta({ c: 0, t: 5, p: 4, e: [playerAt(1, 180, 10)] })
    server.delta({ c: 1, t: 4, p: 3, e: [playerAt(1, 220, 10)] })
    expect(view.get(1)?.p).toEqual([180, 10])
    server.delta({ c: 1, t: 5, p: 4, g: [1] })
    expect([view.get(1)?.p, view.inSync]).toEqual([[180, 10], true])
  })

  test('a cell that goes and comes back does not forget what it was told before the views', async () => {
    const view = await entered()
    server.view({ t: 1, v: [0, 1], c: [{ c: 1, t: 0, e: [] }] })
    server.delta({ c: 1, t: 5, p: 0, e: [playerAt(2, 210, 10)] })
    server.view({ t: 3, v: [0], c: [] })
    expect(view.get(2)).toBeUndefined()
    server.view({ t: 4, v: [0, 1], c: [{ c: 1, t: 0, e: [] }] })
    server.delta({ c: 1, t: 6, p: 5, u: [{ i: 2, p: [220, 10] }] })
    expect([view.get(2)?.p, view.inSync]).toEqual([[220, 10], true])
  })

  test('asks for all once, after a short pause, when a digest differs, a change or a view was missed', async () => {
    const view = await entered()
    const content = [playerAt(1, 10, 10)]
    const isMended = async (t: number) => {
      expect([view.inSync, view.digest(0)]).toEqual([false, undefined])
      await pass(99)
      expect(server.requests).toHaveLength(0)
      await pass(1)
      server.next().answer({ x: 1, t })
      await turn()
      server.view({ t, v: [0, 1], c: [0, 1].map((c) => ({ c, t, e: c === 0 ? content : [] })) })
      await turn()
      expect([view.inSync, view.digest(0)]).toEqual([true, cellDigest(content)])
      // Whoever was right for ten seconds begins with short pauses again.
      for (let i = 0; i < 6; i++) {
        await pass(2_000)
        for (const c of [0, 1]) server.beat({ c, t, p: t, d: view.digest(c) ?? -1 })
      }
    }
    server.beat({ t: 20, p: 0, d: 5 })
    await isMended(20)
    server.beat({ t: 40, p: 33, d: cellDigest(content) })
    await isMended(40)
    server.delta({ t: 63, p: 62, u: [{ i: 1, h: [1, 2] }] })
    await isMended(70)
    server.delta({ t: 72, p: 71, u: [{ i: 9, h: [1, 2] }] })
    await isMended(80)
    server.view({ t: 90, v: [0, 1, 2], c: [] })
    expect(view.inSync).toBe(false)
  })

  test('asks with growing pauses while that does not help, rests after eight times, and begins again', async () => {
    const view = await entered()
    server.delta({ t: 5, p: 4 })
    const pauses: number[] = []
    while (told.length === 0) {
      let waited = 0
      while (server.requests.length === 0 && waited < 60_000) {
        await pass(50)
        waited += 50
      }
      pauses.push(waited)
      server.next().fail('SERVER_BUSY')
      await turn()
    }
    expect(told).toEqual(['SERVER_BUSY'])
    expect(pauses).toEqual([100, 1_000, 1_000, 1_000, 2_000, 4_000, 5_000, 5_000])
    await pass(9_900)
    expect(server.requests).toHaveLength(0)
    await pass(2_200)
    server.next().answer({ x: 1, t: 5 })
    await turn()
    server.view({ t: 6, c: [{ c: 0, t: 5, e: [] }] })
    expect(view.inSync).toBe(true)
  })

  test('asks when a cell is silent for too long', async () => {
    const view = await entered()
    for (let i = 0; i < 5; i++) {
      await pass(2_000)
      server.beat({ t: i * 20, p: 0, d: view.digest(0) ?? 0 })
    }
    expect([server.requests.length, view.inSync]).toEqual([0, true])
    await pass(8_100)
    expect([server.next().name, view.inSync]).toEqual(['game.scene.resync', false])
  })

  test('asks when it hears for too long of a cell that no view names', async () => {
    const view = await entered()
    server.delta({ c: 3, t: 5, p: 0 })
    server.delta({ c: 3, t: 25, p: 5 })
    expect(view.inSync).toBe(true)
    server.beat({ c: 3, t: 26, p: 25 })
    expect(view.inSync).toBe(false)
    server.view({ t: 27, v: [0, 3], c: [{ c: 3, t: 5, e: [] }] })
    expect(view.inSync).toBe(true)
  })

  test('gives up waiting deltas when there are too many, and notices what that has cost', async () => {
    const view = await entered({ waitingMax: 2 })
    for (let t = 1; t <= 3; t++) server.delta({ c: 1, t, p: t - 1 })
    server.view({ t: 2, v: [0, 1], c: [{ c: 1, t: 1, e: [] }] })
    expect(view.inSync).toBe(true)
    server.delta({ c: 1, t: 4, p: 3 })
    expect(view.inSync).toBe(false)
    server.view({ t: 3, v: [0, 1], c: [{ c: 1, t: 3, e: [] }] })
    expect(view.inSync).toBe(true)
  })

  test('enters again when its scene goes elsewhere, and tells when that fails', async () => {
    const view = await entered()
    server.closed({ x: 1, reason: 'moved' })
    server.closed({ x: 1, reason: 'closing' })
    server.next().fail('NO_SERVER')
    await turn()
    await pass(250)
    server.next().answer(infoOf({ x: 2 }))
    await turn()
    expect([view.info?.x, told]).toEqual([2, ['moved', 'closing']])
    server.closed({ x: 2, reason: 'moved' })
    server.next().fail('ROLE_NOT_ENTERED')
    await turn()
    expect([told, view.inSync]).toEqual([['moved', 'closing', 'moved', 'ROLE_NOT_ENTERED'], false])
  })

  test('is nowhere after the role has left; a farewell from a former stay changes nothing', async () => {
    const view = await entered()
    server.closed({ x: 1, reason: 'left' })
    server.next().answer({ x: 1, t: 3 })
    await turn()
    server.view({ t: 3, c: [{ c: 0, t: 0, e: [playerAt(1, 10, 10)] }] })
    expect([view.inSync, told]).toEqual([true, []])
    await turn()
    server.closed({ x: 1, reason: 'left' })
    server.next().fail('NOT_IN_SCENE')
    await turn()
    expect([view.info, view.self, [...view.entities()], told]).toEqual([undefined, undefined, [], ['left']])
    view.resync()
    expect([server.requests.length, clock.timers]).toEqual([0, 0])
  })

  test('enters when the server has the role nowhere, or in another scene', async () => {
    const view = await entered()
    view.resync()
    server.next().fail('NOT_IN_SCENE')
    await turn()
    server.next().answer(infoOf({ x: 2 }))
    await turn()
    view.resync()
    await turn()
    server.next().answer({ x: 3, t: 0 })
    await turn()
    expect(server.next().name).toBe('game.scene.enter')
  })

  test('tries to enter eight times after being asked; whoever asks meanwhile has the same answer', async () => {
    const view = open()
    const outcomes = [view.enter(), view.enter()].map((each) => each.catch(({ code }) => code))
    server.next().fail('SERVER_BUSY')
    for (let i = 0; i < 8; i++) {
      await turn()
      await pass(5_000)
      server.next().fail('SCENE_FULL')
    }
    expect(await Promise.all(outcomes)).toEqual(['SCENE_FULL', 'SCENE_FULL'])
    expect([server.requests.length, clock.timers, told]).toEqual([0, 0, []])
  })

  test('makes up for an entrance that the connection did not live to see', async () => {
    const view = open()
    view.resync()
    expect(server.requests).toHaveLength(0)
    const entering = view.enter()
    server.next().fail('CONNECTION_CLOSED')
    await expect(entering).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    expect(clock.timers).toBe(0)
    view.resync()
    server.next().answer(infoOf())
    await turn()
    expect(view.info?.x).toBe(1)
  })

  test('stops asking when the connection is lost, until it is told to', async () => {
    const view = await entered()
    view.resync()
    server.next().fail('CONNECTION_CLOSED')
    await turn()
    await pass(120_000)
    expect([server.requests.length, told]).toEqual([0, ['CONNECTION_CLOSED']])
    view.resync()
    expect(server.next().name).toBe('game.scene.resync')
  })

  test('travels behind an entrance that it has begun by itself', async () => {
    const view = await entered()
    server.closed({ x: 1, reason: 'moved' })
    const travelling = view.travel('cave')
    const entering = server.next()
    expect([entering.name, server.requests.length]).toEqual(['game.scene.enter', 0])
    entering.answer(infoOf({ x: 2 }))
    await turn()
    expect(view.info?.x).toBe(2)
    const going = server.next()
    expect(going.name).toBe('game.scene.travel')
    going.answer(infoOf({ scene: 'cave', x: 3 }))
    expect(await travelling).toMatchObject({ x: 3 })
  })

  test('does not travel from where it cannot enter', async () => {
    const view = await entered()
    server.closed({ x: 1, reason: 'moved' })
    const travelling = view.travel('cave').catch(({ code }) => code)
    server.next().fail('ROLE_NOT_ENTERED')
    expect(await travelling).toBe('ROLE_NOT_ENTERED')
    expect(server.requests).toEqual([])
  })

  test('travels once at a time; refused, nothing changes; unanswered, it asks where it is', async () => {
    const view = await entered()
    const refused = view.travel('cave')
    await expect(view.travel('tower')).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    server.next().fail('NO_PORTAL')
    await expect(refused).rejects.toMatchObject({ code: 'NO_PORTAL' })
    expect([view.inSync, clock.timers]).toEqual([true, 1])
    const lost = view.travel('cave').catch(({ code }) => code)
    for (let i = 0; i < 8; i++) {
      await pass(5_000)
      server.next().fail('TIMEOUT')
      await turn()
    }
    expect(await lost).toBe('TIMEOUT')
    await pass(100)
    server.next().answer({ x: 2, t: 0 })
    await turn()
    expect(server.next().name).toBe('game.scene.enter')
  })

  test("shows one's own steps at once, and corrects what the server refuses", async () => {
    const view = await entered()
    const first = view.move([20, 10])
    const second = view.move([30, 10])
    expect([view.self?.p, view.get(1)?.p]).toEqual([
      [30, 10],
      [10, 10],
    ])
    const [one, two] = server.requests.splice(0)
    one?.answer({ at: [20, 10], t: 4 })
    two?.fail('MOVE_TOO_FAR', { at: [21, 10] })
    expect(await first).toEqual([20, 10])
    await expect(second).rejects.toMatchObject({ code: 'MOVE_TOO_FAR' })
    expect(view.self?.p).toEqual([21, 10])
    server.delta({ t: 5, p: 0, u: [{ i: 1, p: [22, 10] }] })
    expect(view.self?.p).toEqual([22, 10])
    // What the server says of a step before the answer's is behind.
    const third = view.move([40, 10])
    server.next().answer({ at: [40, 10], t: 6 })
    await third
    server.delta({ t: 6, p: 5, u: [{ i: 1, p: [23, 10] }] })
    expect(view.self?.p).toEqual([40, 10])
    server.beat({ t: 26, p: 6, d: view.digest(0) ?? 0 })
    expect(view.self?.p).toEqual([23, 10])
    const lost = view.move([50, 10])
    server.next().fail('NOT_IN_SCENE')
    await expect(lost).rejects.toMatchObject({ code: 'NOT_IN_SCENE' })
    expect([view.self?.p, server.next().name]).toEqual([[23, 10], 'game.scene.enter'])
  })

  test('moves entities smoothly, some steps in the past', async () => {
    const view = await entered({ renderDelayMs: 200 })
    await pass(100)
    server.delta({ t: 1, p: 0, e: [playerAt(2, 0, 0)] })
    await pass(100)
    server.delta({ t: 2, p: 1, u: [{ i: 2, p: [100, 0] }] })
    expect(view.placeOf(2)).toEqual([0, 0])
    await pass(150)
    expect([view.placeOf(2), view.placeOf(2, 360), view.get(2)?.p]).toEqual([
      [50, 0],
      [60, 0],
      [100, 0],
    ])
    await pass(100)
    expect([view.placeOf(2), view.placeOf(3)]).toEqual([[100, 0], undefined])
  })

  test('closed, it listens to nothing, leaves no timer, and tells nothing', async () => {
    const view = await entered()
    server.delta({ t: 5, p: 4 })
    view.close()
    await pass(60_000)
    view.resync()
    expect([server.listeners, clock.timers, server.requests.length, told]).toEqual([0, 0, 0, []])
  })
})
