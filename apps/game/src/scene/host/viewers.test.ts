import { pushes, type ScenePoint } from '@hydra/protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import { TestLinks, type TestJoin } from '../../test-support/test-links.ts'
import { Grid } from '../state/grid.ts'
import { SceneState } from '../state/scene-state.ts'
import { SceneViewers } from './viewers.ts'

const { beat, delta, view } = pushes.game.scene
const settings = { beatTicks: 10, joinAttemptsMax: 3, joinRetryTicks: 4 }
const session = (epoch: number) => ({ sessionId: `s${epoch}`, gateId: 'g', epoch })

describe('viewers of a scene', () => {
  let state: SceneState
  let links: TestLinks
  let viewers: SceneViewers
  let ada: number

  beforeEach(() => {
    // Ten cells in a row of ten rows; a viewer in the middle of cell 11 sees 0 to 2, 10 to 12, 20 to 22.
    state = new SceneState({ key: 35, grid: new Grid({ width: 10_000, height: 10_000, cellSize: 1_000 }) })
    links = new TestLinks()
    viewers = new SceneViewers({ state, links, settings, tallies: links.tallies })
    ada = add([1_500, 1_500])
  })

  const add = (p: ScenePoint) => state.add({ k: 'p', p: [...p], n: 'Ada' }).i
  const tick = (ticks = 1) => {
    for (let count = 0; count < ticks; count++) viewers.afterTick(state.endTick())
  }
  const nextJoin = (): TestJoin => {
    const join = links.joins.shift()
    if (join === undefined) throw new Error('Nobody has asked the gate to join anything.')
    return join
  }
  /** Begins, and lets the gate answer. */
  const begun = async () => {
    viewers.begin('ada', session(1), ada)
    await nextJoin().answer()
    tick()
    links.take(view)
  }
  const cellsOf = ({ topics }: TestJoin) =>
    topics.filter((topic) => topic.startsWith('scene-z-')).map((topic) => Number(topic.slice(8)))

  it('join what they see and their role at once, and are shown it after the next step, behind its deltas', async () => {
    viewers.begin('ada', session(1), ada)
    expect(links.joins).toMatchObject([{ session: session(1), insteadOf: ['scene-'] }])
    const join = nextJoin()
    expect(cellsOf(join)).toEqual([0, 1, 2, 10, 11, 12, 20, 21, 22])
    expect(join.topics).toContain('role-ada')
    tick()
    expect(links.take(view)).toEqual([])
    await join.answer()
    expect(links.take(view)).toEqual([])
    state.change(ada, { p: [1_501, 1_500] })
    tick()
    expect(links.sent.map(({ push }) => push)).toEqual([delta.name, delta.name, view.name])
    const [shown] = links.take(view)
    expect(shown).toMatchObject({ x: 35, t: 2, v: [0, 1, 2, 10, 11, 12, 20, 21, 22] })
    expect(shown?.c.map(({ c }) => c)).toEqual(shown?.v)
    expect(shown?.c.find(({ c }) => c === 11)).toEqual(state.snapshot(11))
  })

  it('are sent the deltas of what is watched, also while a join is under way, and nothing else', async () => {
    const far = add([8_500, 8_500])
    tick()
    expect(links.sent).toEqual([])
    await begun()
    links.take(delta)
    state.change(far, { p: [8_501, 8_500] })
    state.change(ada, { p: [1_510, 1_500] })
    tick()
    expect(links.take(delta)).toMatchObject([{ c: 11, u: [{ i: ada, p: [1_510, 1_500] }] }])
    viewers.end('ada')
    state.change(ada, { p: [1_520, 1_500] })
    tick(20)
    expect(links.sent).toEqual([])
  })

  it('who crosses a border is shown what is new, and only that, with one call at a time', async () => {
    await begun()
    state.change(ada, { p: [2_050, 1_500] })
    tick()
    expect(links.joins).toEqual([])
    state.change(ada, { p: [2_150, 1_500] })
    tick()
    const join = nextJoin()
    expect(cellsOf(join)).toEqual([1, 2, 3, 11, 12, 13, 21, 22, 23])
    state.change(ada, { p: [4_500, 1_500] })
    tick(5)
    expect(links.joins).toEqual([])
    await join.answer()
    tick()
    const [shown] = links.take(view)
    expect(shown?.v).toEqual([1, 2, 3, 11, 12, 13, 21, 22, 23])
    expect(shown?.c.map(({ c }) => c)).toEqual([3, 13, 23])
    expect(cellsOf(nextJoin())).toEqual([3, 4, 5, 13, 14, 15, 23, 24, 25])
  })

  it('after a failure they try again later and later, show everything then, and give up in the end', async () => {
    await begun()
    state.change(ada, { p: [2_150, 1_500] })
    tick()
    await nextJoin().fail()
    tick(3)
    expect(links.joins).toEqual([])
    tick()
    await nextJoin().answer()
    tick()
    expect(links.take(view)[0]?.c).toHaveLength(9)

    state.change(ada, { p: [4_500, 1_500] })
    for (const pause of [1, 4, 8]) {
      tick(pause)
      await nextJoin().fail()
    }
    expect(links.failures.map(({ isGivenUp }) => isGivenUp)).toEqual([false, false, false, true])
    links.sent.splice(0)
    tick(100)
    expect([links.joins, links.sent]).toEqual([[], []])
    viewers.begin('ada', session(1), ada)
    await nextJoin().answer()
    tick()
    expect(links.take(view)[0]?.c).toHaveLength(9)
  })

  it('a session that its gate does not know is left alone until another one comes', async () => {
    viewers.begin('ada', session(1), ada)
    await nextJoin().answer(false)
    tick(50)
    expect([links.joins, links.sent]).toEqual([[], []])
    viewers.begin('ada', session(2), ada)
    expect(nextJoin().session).toEqual(session(2))
    expect(viewers.sessionOf('ada')).toEqual(session(2))
  })

  it('a newer session does not wait for the call of the former one, whose answer changes nothing', async () => {
    viewers.begin('ada', session(1), ada)
    const former = nextJoin()
    viewers.begin('ada', session(2), ada)
    const join = nextJoin()
    await former.answer(false)
    await join.answer()
    tick()
    expect(links.take(view)).toHaveLength(1)
  })

  it('who asks again while a call is under way is joined once more after it, and shown everything once', async () => {
    viewers.begin('ada', session(1), ada)
    viewers.begin('ada', session(1), ada)
    viewers.begin('ada', session(1), ada)
    await nextJoin().answer()
    tick()
    expect(links.take(view)).toEqual([])
    await nextJoin().answer()
    tick()
    expect(links.take(view)).toHaveLength(1)
    expect(links.joins).toEqual([])
  })

  it('silent cells that are watched give a sign of life, and others do not', async () => {
    await begun()
    tick(8)
    state.change(ada, { p: [1_510, 1_500] })
    tick()
    expect(links.take(beat).map(({ c }) => c)).toEqual([0, 1, 2, 10, 12, 20, 21, 22])
    tick(9)
    expect(links.take(beat)).toEqual([])
    tick()
    const beats = links.take(beat)
    expect(beats.map(({ c }) => c)).toEqual([0, 1, 2, 10, 11, 12, 20, 21, 22])
    for (const { c, p, d } of beats) expect([p, d]).toEqual([state.lastChange(c), state.digest(c)])
    expect(links.counts.beat).toBe(17)
  })
})
