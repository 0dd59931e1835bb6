import { HydraError, routes } from '@hydra/protocol'
import { ManualClock } from '@hydra/runtime'
import { eventually, uniqueName } from '@hydra/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { serverSubject } from '../subjects.ts'
import { deferred } from '../deferred.fixture.ts'
import { kick, kickBody } from './samples.fixture.ts'
import { TestCluster, type TestBuses } from './test-cluster.fixture.ts'

/** What calls between servers promise, whichever bus carries them. */
export function callContract(openBuses: () => TestBuses): void {
  let cluster: TestCluster

  beforeEach(() => {
    cluster = new TestCluster(openBuses(), uniqueName('rpc'))
  })
  afterEach(() => cluster.close())

  describe('a call', () => {
    test('brings the parsed body to the handler and its result back', async () => {
      const seen: unknown[] = []
      const gate = await cluster.start('gate', {
        'gate.session.kick': (context, body) => {
          seen.push({ from: context.from, traceparent: context.traceparent, body })
          return { found: true }
        },
      })
      const chat = await cluster.start('chat')
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
      const extra = { ...kickBody, unknown: 1 }
      expect(await chat.peer.call(kick, extra, { to: { server: gate.id }, traceparent })).toEqual({
        found: true,
      })
      expect(seen).toEqual([{ from: chat.id, traceparent, body: kickBody }])
      expect(chat.peer.inFlight).toBe(0)
    })

    test('starts a trace of its own when the caller has none', async () => {
      const traces: string[] = []
      const gate = await cluster.start('gate', {
        'gate.session.kick': ({ traceparent }) => {
          traces.push(traceparent)
          return { found: true }
        },
      })
      await gate.peer.call(kick, kickBody, { to: { server: gate.id } })
      await gate.peer.call(kick, kickBody, { to: { type: 'gate' } })
      expect(new Set(traces).size).toBe(2)
      for (const trace of traces) expect(trace).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
    })

    test('fails with the error that the handler threw', async () => {
      const gate = await cluster.start('gate', {
        'gate.session.kick': async () => {
          throw new HydraError('BANNED', 'Not this one.', {
            metadata: { untilMs: 5 },
            cause: new Error('private'),
          })
        },
      })
      const call = gate.peer.call(kick, kickBody, { to: { server: gate.id } })
      await expect(call).rejects.toThrow(HydraError)
      await expect(call).rejects.toMatchObject({
        code: 'BANNED',
        message: 'Not this one.',
        metadata: { untilMs: 5 },
      })
      expect(gate.lines.filter(({ level }) => level === 'error')).toEqual([])
    })

    test.each([
      [
        'at once',
        () => {
          throw new TypeError('secret detail')
        },
      ],
      [
        'later',
        async () => {
          await Promise.resolve()
          throw new TypeError('secret detail')
        },
      ],
    ])('hides what is no HydraError, thrown %s, and logs it with the trace', async (_, thrower) => {
      const gate = await cluster.start('gate', { 'gate.session.kick': thrower })
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
      const error = await gate.peer
        .call(kick, kickBody, { to: { server: gate.id }, traceparent })
        .catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'INTERNAL' })
      expect(String(error)).not.toContain('secret')
      const line = gate.lines.find(({ level }) => level === 'error')
      expect(line).toMatchObject({
        route: 'gate.session.kick',
        traceparent,
        err: { message: 'secret detail' },
      })
    })

    test('with a body that breaks the contract names path and expectation', async () => {
      const gate = await cluster.start('gate', { 'gate.session.kick': () => ({ found: true }) })
      const wrong = { sessionId: 's1', reason: 'BOREDOM' } as never
      await expect(gate.peer.call(kick, wrong, { to: { server: gate.id } })).rejects.toMatchObject({
        code: 'BAD_REQUEST',
        metadata: { path: 'reason' },
      })
    })

    test('to a route that the server does not answer, or that is for clients, is refused', async () => {
      const chat = await cluster.start('chat', { 'chat.channel.send': () => ({ seq: 1, sentAtMs: 1 }) })
      await expect(
        chat.peer.call(
          routes.chat.presence.update,
          { rid: 'r1', name: 'Ada', level: 1 },
          { to: { server: chat.id } },
        ),
      ).rejects.toMatchObject({ code: 'ROUTE_UNKNOWN' })
      await expect(
        chat.peer.call(
          routes.chat.channel.send,
          { channel: 'world', text: 'hi' },
          { to: { server: chat.id } },
        ),
      ).rejects.toMatchObject({ code: 'NOT_LOGGED_IN' })
    })

    test('that nobody answers in time fails with TIMEOUT, and the late reply is counted and dropped', async () => {
      const clock = new ManualClock()
      const started = deferred()
      const end = deferred()
      const gate = await cluster.start('gate', {
        'gate.session.kick': async () => {
          started.resolve()
          await end.promise
          return { found: true }
        },
      })
      const chat = await cluster.start('chat', {}, { clock })
      const call = chat.peer.call(kick, kickBody, { to: { server: gate.id }, timeoutMs: 400 })
      await started.promise
      clock.advance(399)
      expect(chat.peer.inFlight).toBe(1)
      clock.advance(11)
      await expect(call).rejects.toMatchObject({
        code: 'TIMEOUT',
        metadata: { server: gate.id, timeoutMs: 400 },
      })
      expect(chat.peer.inFlight).toBe(0)
      end.resolve()
      await eventually(async () => (await chat.metric('hydra_rpc_late_replies_total')) === 1)
    })

    test('tells the handler how much time is left', async () => {
      const clock = new ManualClock()
      const left: number[] = []
      const gate = await cluster.start(
        'gate',
        {
          'gate.session.kick': (context) => {
            left.push(context.remainingMs())
            clock.advance(250)
            left.push(context.remainingMs())
            clock.advance(1_000)
            left.push(context.remainingMs())
            return { found: true }
          },
        },
        { clock },
      )
      const chat = await cluster.start('chat')
      await chat.peer.call(kick, kickBody, { to: { server: gate.id }, timeoutMs: 400 })
      expect(left).toEqual([400, 150, 0])
    })

    test('without any time left is neither sent nor started', async () => {
      let started = 0
      const gate = await cluster.start('gate', {
        'gate.session.kick': () => {
          started++
          return { found: true }
        },
      })
      for (const timeoutMs of [0, -5]) {
        await expect(
          gate.peer.call(kick, kickBody, { to: { server: gate.id }, timeoutMs }),
        ).rejects.toMatchObject({ code: 'TIMEOUT' })
      }
      expect(started).toBe(0)
    })
  })

  describe('the server of a call', () => {
    test('that is unknown, or of which there is none, is reported at once', async () => {
      const { peer } = await cluster.start('gate')
      await expect(peer.call(kick, kickBody, { to: { server: 'nowhere' } })).rejects.toMatchObject({
        code: 'SERVER_GONE',
        metadata: { server: 'nowhere' },
      })
      for (const to of [{ type: 'game' }, { type: 'game', key: 'u1' }] as const) {
        await expect(peer.call(kick, kickBody, { to })).rejects.toMatchObject({ code: 'NO_SERVER' })
        expect(() => peer.pick(to)).toThrow(expect.objectContaining({ code: 'NO_SERVER' }))
      }
    })

    test('that leaves the registry fails its pending calls at once, and no others', async () => {
      const end = deferred()
      const handlers = {
        'gate.session.kick': async () => {
          await end.promise
          return { found: true }
        },
      }
      const leaving = await cluster.start('gate', handlers)
      const staying = await cluster.start('gate', handlers)
      const chat = await cluster.start('chat')
      const lost = [1, 2, 3].map(() => chat.peer.call(kick, kickBody, { to: { server: leaving.id } }))
      const kept = chat.peer.call(kick, kickBody, { to: { server: staying.id } })
      const outcomes = Promise.allSettled(lost)
      await leaving.announcement?.withdraw()
      for (const outcome of await outcomes) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'SERVER_GONE' } })
      }
      end.resolve()
      expect(await kept).toEqual({ found: true })
    })

    test('that is listed but does not listen is reported at once', async () => {
      const chat = await cluster.start('chat')
      const gate = await cluster.start('gate')
      await gate.peer.close(100)
      await expect(chat.peer.call(kick, kickBody, { to: { server: gate.id } })).rejects.toMatchObject({
        code: 'SERVER_GONE',
      })
    })

    test('gets nothing new while it drains, except by name', async () => {
      const handlers = { 'gate.session.kick': () => ({ found: true }) }
      const draining = await cluster.start('gate', handlers)
      const ready = await cluster.start('gate', handlers)
      await draining.announcement?.update({ state: 'draining' })
      for (let key = 0; key < 50; key++) {
        expect(ready.peer.pick({ type: 'gate', key: String(key) })).toBe(ready.id)
        expect(ready.peer.pick({ type: 'gate' })).toBe(ready.id)
      }
      expect(await ready.peer.call(kick, kickBody, { to: { server: draining.id } })).toEqual({ found: true })
      await ready.announcement?.update({ state: 'draining' })
      expect(() => ready.peer.pick({ type: 'gate' })).toThrow(expect.objectContaining({ code: 'NO_SERVER' }))
    })

    test('is one of all in turn, or always the same one for a key', async () => {
      const gates = [await cluster.start('gate'), await cluster.start('gate'), await cluster.start('gate')]
      const { peer } = await cluster.start('chat')
      const picks = Array.from({ length: 30 }, () => peer.pick({ type: 'gate' }))
      for (const { id } of gates) expect(picks.filter((pick) => pick === id)).toHaveLength(10)
      const byKey = new Set(Array.from({ length: 30 }, () => peer.pick({ type: 'gate', key: 'u1' })))
      expect(byKey.size).toBe(1)
    })

    test('that has as many calls as it takes answers SERVER_BUSY', async () => {
      const end = deferred()
      const handlers = {
        'gate.session.kick': async () => {
          await end.promise
          return { found: true }
        },
      }
      const gate = await cluster.start('gate', handlers, { limits: { maxHandling: 2 } })
      const chat = await cluster.start('chat')
      const call = () => chat.peer.call(kick, kickBody, { to: { server: gate.id } })
      const first = [call(), call()]
      await expect(call()).rejects.toMatchObject({ code: 'SERVER_BUSY' })
      end.resolve()
      await Promise.all(first)
      expect(await call()).toEqual({ found: true })
    })

    test('is not asked by a caller that waits for as many answers as it may', async () => {
      const end = deferred()
      let handled = 0
      const gate = await cluster.start('gate', {
        'gate.session.kick': async () => {
          handled++
          await end.promise
          return { found: true }
        },
      })
      const chat = await cluster.start('chat', {}, { limits: { maxInFlight: 2 } })
      const call = () => chat.peer.call(kick, kickBody, { to: { server: gate.id } })
      const first = [call(), call()]
      await expect(call()).rejects.toMatchObject({ code: 'SERVER_BUSY' })
      end.resolve()
      await Promise.all(first)
      expect(handled).toBe(2)
    })
  })

  test('peers of different clusters never hear each other', async () => {
    const gate = await cluster.start('gate', { 'gate.session.kick': () => ({ found: true }) })
    const told = deferred()
    gate.bus.publish(serverSubject(`${cluster.env}x`, 'gate', gate.id), Uint8Array.of(1), {
      onNoResponders: () => told.resolve(),
    })
    await told.promise
  })
}
