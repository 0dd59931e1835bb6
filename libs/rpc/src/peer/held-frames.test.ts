import { ManualClock } from '@hydra/runtime'
import { expect, test } from 'vitest'
import type { Frame } from './frame.ts'
import { HeldFrames, type OutgoingFrame } from './held-frames.ts'

const request = (id: number, deadlineMs: number): OutgoingFrame => {
  const frame: Frame = {
    kind: 'request',
    id,
    route: 'game.role.ping',
    remainingMs: deadlineMs,
    trace: new Uint8Array(26),
    session: null,
    serializer: 'msgpack',
    body: new Uint8Array(),
  }
  return { subject: 'a', frame, bytes: 100, deadlineMs, waits: true, callId: id }
}
const idsOf = (frames: readonly OutgoingFrame[]) => frames.map(({ callId }) => callId)

test('hands over in order what somebody still waits for, with the time that is left', () => {
  const clock = new ManualClock()
  const held = new HeldFrames(clock, 1_000)
  const startMs = clock.monotonicMs()
  held.add(request(1, startMs + 500))
  held.add(request(2, startMs + 50))
  held.add(request(3, startMs + 200))
  expect(held.bytes).toBe(300)
  clock.advance(100)
  const released = held.release()
  expect(idsOf(released)).toEqual([1, 3])
  expect(released.map(({ frame }) => 'remainingMs' in frame && frame.remainingMs)).toEqual([400, 100])
  expect(held.bytes).toBe(0)
  expect(held.release()).toEqual([])
})

test('refuses beyond its bound, after making room by what is late', () => {
  const clock = new ManualClock()
  const held = new HeldFrames(clock, 250)
  const startMs = clock.monotonicMs()
  held.add(request(1, startMs + 50))
  held.add(request(2, startMs + 500))
  expect(() => held.add(request(3, startMs + 500))).toThrow(expect.objectContaining({ code: 'SERVER_BUSY' }))
  clock.advance(100)
  held.add(request(4, startMs + 500))
  expect(idsOf(held.release())).toEqual([2, 4])
})
