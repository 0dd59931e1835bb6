import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { playerAt } from '../test-support/scene-server.ts'
import { PlaceTracks } from './place-tracks.ts'

const tickMs = 100
const frameMs = 10
const stepCm = 150

/** The scene's steps: how late each arrives, and where the entity goes in it, if it moves. */
const step = fc.record({
  lateMs: fc.oneof(
    { weight: 4, arbitrary: fc.nat({ max: 30 }) },
    { weight: 1, arbitrary: fc.nat({ max: 450 }) },
  ),
  to: fc.option(
    fc.tuple(fc.integer({ min: -stepCm, max: stepCm }), fc.integer({ min: -stepCm, max: stepCm })),
    {
      nil: undefined,
    },
  ),
  isCrossing: fc.boolean(),
})

type Point = readonly [number, number]
const distance = (a: Point, b: Point) => Math.hypot(a[0] - b[0], a[1] - b[1])

/** How far a point is from a line between two others. */
function fromLine(point: Point, [from, to]: readonly [Point, Point]): number {
  const length = distance(from, to)
  if (length === 0) return distance(point, from)
  const along = ((point[0] - from[0]) * (to[0] - from[0]) + (point[1] - from[1]) * (to[1] - from[1])) / length
  const share = Math.min(1, Math.max(0, along / length))
  return distance(point, [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share])
}

test('places shown lie between places told, never jump, and come to where the entity stands', () => {
  const shown = { moving: 0, behind: 0 }
  const play = (steps: readonly { lateMs: number; to: Point | undefined; isCrossing: boolean }[]) => {
    const tracks = new PlaceTracks({ tickMs, delayMs: 2 * tickMs, jumpCm: 2_000 })
    let entity = playerAt(1, 1_000, 1_000)
    tracks.arrived(0, 0)
    tracks.entered(entity, 0, 0)
    const told: Point[] = [entity.p]
    let nowMs = 0
    let last: Point = [1_000, 1_000]
    const frame = () => {
      const place = tracks.placeOf(1, nowMs) ?? [0, 0]
      // Of a burst, places between may be left out; of what was told, only the last few are still on the way.
      const few = told.slice(-12)
      const isOnWay = few.some((a) => few.some((b) => fromLine(place, [a, b]) < 0.01))
      if (!isOnWay) throw new Error(`${place.join()} is on no way between ${few.join(' ')}`)
      // Half a step for a way of a whole one, in bursts of several: that fast, and no faster, it catches up.
      const most = (stepCm * Math.SQRT2 * 6 * frameMs) / (tickMs / 2)
      if (distance(place, last) > most) throw new Error(`from ${last.join()} to ${place.join()} in a frame`)
      if (distance(place, last) > 0) shown.moving += 1
      if (distance(place, told.at(-1) ?? place) > 0) shown.behind += 1
      last = place
    }
    const until = (ms: number) => {
      for (; nowMs < ms; nowMs += frameMs) frame()
    }
    let arrivalMs = 0
    for (const [index, { lateMs, to, isCrossing }] of steps.entries()) {
      const tick = index + 1
      arrivalMs = Math.max(arrivalMs, tick * tickMs + lateMs)
      until(arrivalMs)
      tracks.arrived(tick, arrivalMs)
      if (to === undefined) continue
      const former = entity
      entity = { ...former, p: [former.p[0] + to[0], former.p[1] + to[1]] }
      told.push(entity.p)
      if (isCrossing) {
        tracks.left(1, tick)
        tracks.entered(entity, tick, arrivalMs)
      } else tracks.changed(entity, former, tick, arrivalMs)
    }
    until(arrivalMs + 3_000)
    expect(last).toEqual([...entity.p])
  }
  fc.assert(fc.property(fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }), play), {
    seed: 1,
    numRuns: 200,
  })
  expect(Math.min(...Object.values(shown))).toBeGreaterThan(1_000)
})

test('who stands still does not drift towards a step before it is made', () => {
  const tracks = new PlaceTracks({ tickMs, delayMs: 200, jumpCm: 500 })
  const former = playerAt(1, 0, 0)
  tracks.arrived(0, 0)
  tracks.entered(former, 0, 0)
  tracks.arrived(50, 5_000)
  tracks.changed({ ...former, p: [100, 0] }, former, 50, 5_000)
  expect([4_000, 5_000, 5_100, 5_200, 9_000].map((ms) => tracks.placeOf(1, ms)?.[0])).toEqual([
    0, 0, 50, 100, 100,
  ])
})

test('who is far away after one step has not walked there', () => {
  const tracks = new PlaceTracks({ tickMs, delayMs: 200, jumpCm: 500 })
  const former = playerAt(1, 0, 0)
  tracks.entered(former, 0, 0)
  tracks.arrived(1, 100)
  tracks.changed({ ...former, p: [501, 0] }, former, 1, 100)
  expect(tracks.placeOf(1, 100)).toEqual([501, 0])
})

test('forgets the ways of those who have left, when they are many', () => {
  const tracks = new PlaceTracks({ tickMs, delayMs: 200, jumpCm: 500 })
  for (let i = 1; i <= 200; i++) {
    tracks.entered(playerAt(i, 0, 0), i, i)
    tracks.left(i, i)
  }
  expect(tracks.placeOf(1, 0)).toBeUndefined()
})
