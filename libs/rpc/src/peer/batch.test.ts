import { describe, expect, it } from 'vitest'
import { Batch } from './batch.ts'
import type { OutgoingFrame } from './held-frames.ts'
import type { Link } from './link.ts'

const link = (outstanding: number): Link => ({ id: 'game-1', subject: 'hydra.game-1', outstanding })
const frame = (of: Pick<OutgoingFrame, 'callId' | 'link'>): OutgoingFrame => ({
  subject: 'hydra.game-1',
  frame: {
    kind: 'reply',
    id: 1,
    error: false,
    serializer: 'json',
    body: new Uint8Array(),
    update: undefined,
  },
  bytes: 10,
  deadlineMs: 0,
  waits: false,
  ...of,
})

describe('a batch', () => {
  it.each([
    ['to an idle server leaves at once', 1, 1, false],
    ['leaves at once beside a few slow calls', 4, 1, false],
    ['waits while the server has more to answer', 5, 1, true],
    ['does not count its own calls', 40, 40, false],
  ])('%s', (_, outstanding, own, mayWait) => {
    const to = link(outstanding)
    const batch = new Batch(to.subject, 20)
    for (let callId = 0; callId < own; callId++) batch.add(frame({ callId, link: to }))
    expect(batch.mayWait).toBe(mayWait)
    expect([batch.frames.length, batch.bytes]).toEqual([own, 20 + 10 * own])
  })

  it('waits with notifies for the calls before them', () => {
    const batch = new Batch('hydra.game-1', 20)
    batch.add(frame({ link: link(9) }))
    expect(batch.mayWait).toBe(true)
  })

  it('waits no more when a reply joins it, or a message stands behind it', () => {
    const withReply = new Batch('hydra.game-1', 20)
    withReply.add(frame({ callId: 1, link: link(9) }))
    withReply.add(frame({}))
    const closed = new Batch('hydra.game-1', 20)
    closed.add(frame({ callId: 1, link: link(9) }))
    closed.closed = true
    expect([withReply.mayWait, closed.mayWait]).toEqual([false, false])
  })
})
