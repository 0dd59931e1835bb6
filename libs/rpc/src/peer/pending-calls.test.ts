import type { HydraError } from '@hydra/protocol'
import { ManualClock } from '@hydra/runtime'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ReplyFrame } from './frame.ts'
import type { Link } from './link.ts'
import { PendingCalls } from './pending-calls.ts'
import { serverGone } from './pick-server.ts'

const reply = (id: number): ReplyFrame => ({
  kind: 'reply',
  id,
  error: false,
  serializer: 'msgpack',
  body: new Uint8Array(),
  update: undefined,
})

function open(maxCalls = 100) {
  const clock = new ManualClock()
  const failed: string[] = []
  const calls = new PendingCalls({
    clock,
    maxCalls,
    onFailed: ({ route }, { code }) => failed.push(`${route} ${code}`),
  })
  const ends = new Map<number, string[]>()
  const links = new Map<string, Link>()
  const linkTo = (id: string): Link => {
    const link = links.get(id) ?? { id, subject: `to.${id}`, outstanding: 0 }
    links.set(id, link)
    return link
  }
  const add = (timeoutMs: number, target = 'a') => {
    const end: string[] = []
    const id = calls.add({
      link: linkTo(target),
      route: 'game.role.ping',
      timeoutMs,
      startedMs: clock.monotonicMs(),
      outgoing: undefined,
      span: undefined,
      listener: {
        onReply: () => void end.push('reply'),
        onFailure: (error: HydraError) => void end.push(error.code),
      },
    })
    ends.set(id, end)
    return id
  }
  return { clock, calls, add, end: (id: number) => ends.get(id), failed, linkTo }
}

describe('a waiting call', () => {
  test('is taken by its reply, once', () => {
    const { calls, add, end, failed } = open()
    const id = add(1_000)
    calls.take('a', id)?.listener.onReply(reply(id))
    expect(calls.take('a', id)).toBeUndefined()
    expect(end(id)).toEqual(['reply'])
    expect(failed).toEqual([])
  })

  test('ignores a reply from another server than the one asked', () => {
    const { calls, add, end } = open()
    const id = add(1_000)
    expect(calls.take('b', id)).toBeUndefined()
    expect(end(id)).toEqual([])
  })

  test('is one of a bounded number', () => {
    const { calls, add } = open(2)
    const first = add(1_000)
    add(1_000)
    expect(() => add(1_000)).toThrow(expect.objectContaining({ code: 'SERVER_BUSY' }))
    calls.take('a', first)
    add(1_000)
    expect(calls.size).toBe(2)
  })

  test('ends when its server is gone, and only then', () => {
    const { calls, add, end, failed } = open()
    const [a, b, alsoA] = [add(1_000), add(1_000, 'b'), add(1_000)]
    calls.failAll(serverGone, 'a')
    expect([end(a), end(b), end(alsoA)]).toEqual([['SERVER_GONE'], [], ['SERVER_GONE']])
    calls.failAll(serverGone)
    expect(end(b)).toEqual(['SERVER_GONE'])
    expect(failed).toEqual(Array.from({ length: 3 }, () => 'game.role.ping SERVER_GONE'))
  })

  test('shares one timer with all others, and none is left when they are closed', () => {
    const { clock, calls, add } = open()
    for (const timeoutMs of [500, 100, 900, 100, 5]) add(timeoutMs)
    expect(clock.pendingTimers).toBe(1)
    clock.advance(120)
    expect(calls.size).toBe(2)
    expect(clock.pendingTimers).toBe(1)
    calls.failAll(serverGone)
    calls.close()
    expect(clock.pendingTimers).toBe(0)
  })

  test('never ends before its deadline and never much later', () => {
    const step = fc.record({ timeoutMs: fc.integer({ min: 1, max: 300 }), advanceMs: fc.nat(50) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { clock, add, end } = open()
        const deadlines = new Map<number, number>()
        const check = () => {
          const nowMs = clock.monotonicMs()
          for (const [id, deadlineMs] of deadlines) {
            const allowed = [
              ...(nowMs < deadlineMs + 20 ? [[]] : []),
              ...(nowMs >= deadlineMs ? [['TIMEOUT']] : []),
            ]
            expect(allowed).toContainEqual(end(id))
          }
        }
        for (const { timeoutMs, advanceMs } of steps) {
          deadlines.set(add(timeoutMs), clock.monotonicMs() + timeoutMs)
          clock.advance(advanceMs)
          check()
        }
        clock.advance(400)
        check()
      }),
    )
  })
})
