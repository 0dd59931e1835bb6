import { events, pushes, routes } from '@hydra/protocol'
import { ManualClock } from '@hydra/runtime'
import { uniqueName } from '@hydra/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deferred } from '../deferred.fixture.ts'
import { kick, kickBody } from './samples.fixture.ts'
import { TestCluster, type TestBuses } from './test-cluster.fixture.ts'

/** What events and the end of a peer promise. */
export function lifecycleContract(openBuses: () => TestBuses): void {
  let cluster: TestCluster

  beforeEach(() => {
    cluster = new TestCluster(openBuses(), uniqueName('rpc'))
  })
  afterEach(() => cluster.close())

  describe('an event', () => {
    const left = { rid: 'r1', uid: 'u1', sessionId: 's1', reason: 'IDLE', epoch: 1, version: 2 } as const

    test('reaches every listener that is listening', async () => {
      const game = await cluster.start('game')
      const chats = [await cluster.start('chat'), await cluster.start('chat')]
      const heard = chats.map(() => deferred<unknown>())
      const stopped: unknown[] = []
      const stop = await game.peer.on(events.game.role.left, (payload) => void stopped.push(payload))
      stop()
      await Promise.all(
        chats.map(({ peer }, index) =>
          peer.on(events.game.role.left, (payload) => heard[index]?.resolve(payload)),
        ),
      )
      game.peer.emit(events.game.role.left, left)
      expect(await Promise.all(heard.map(({ promise }) => promise))).toEqual([left, left])
      expect(stopped).toEqual([])
    })

    test('survives listeners that throw and payloads that break the contract', async () => {
      const game = await cluster.start('game')
      const chat = await cluster.start('chat')
      const versions: number[] = []
      const done = deferred()
      await chat.peer.on(events.game.role.left, async ({ version }) => {
        versions.push(version)
        if (version === 3) done.resolve()
        await Promise.reject(new Error('a defect in a listener'))
      })
      game.peer.emit(events.game.role.left, left)
      game.peer.emit(events.game.role.left, { ...left, reason: 'BOREDOM' as never })
      game.bus.publish(`hydra.${cluster.env}.event.game.role.left`, Uint8Array.of(0xc1))
      game.peer.emit(events.game.role.left, { ...left, version: 3 })
      await done.promise
      expect(versions).toEqual([2, 3])
      expect(await chat.metric('hydra_rpc_dropped_total', 'reason="event"')).toBe(2)
    })
  })

  describe('closing', () => {
    test('waits for what is being handled, refuses what is new, and sends the last replies', async () => {
      const started = deferred()
      const end = deferred()
      const gate = await cluster.start('gate', {
        'gate.session.kick': async () => {
          started.resolve()
          await end.promise
          // A handler may still call others while its server drains.
          await gate.peer.call(
            routes.chat.presence.update,
            { rid: 'r1', name: 'Ada', level: 1 },
            { to: { type: 'chat' } },
          )
          return { found: true }
        },
      })
      const chat = await cluster.start('chat', { 'chat.presence.update': () => ({}) })
      const call = chat.peer.call(kick, kickBody, { to: { server: gate.id } })
      await started.promise
      let closed = false
      const closing = gate.peer.close(10_000).then(() => (closed = true))
      await expect(chat.peer.call(kick, kickBody, { to: { server: gate.id } })).rejects.toMatchObject({
        code: 'SHUTTING_DOWN',
      })
      expect(closed).toBe(false)
      end.resolve()
      expect(await call).toEqual({ found: true })
      await closing
      await expect(gate.peer.call(kick, kickBody, { to: { server: chat.id } })).rejects.toMatchObject({
        code: 'SHUTTING_DOWN',
      })
      expect(() => gate.peer.publish('world', pushes.chat.channel.message, {} as never)).toThrow(
        expect.objectContaining({ code: 'SHUTTING_DOWN' }),
      )
    })

    test('goes on refusing after a drain, while the record is still there, and answers what it had taken', async () => {
      const started = deferred()
      const end = deferred()
      const gate = await cluster.start('gate', {
        'gate.session.kick': async () => {
          started.resolve()
          await end.promise
          return { found: true }
        },
      })
      const chat = await cluster.start('chat')
      const kickIt = () => chat.peer.call(kick, kickBody, { to: { server: gate.id } })
      const call = kickIt()
      await started.promise
      const drained = gate.peer.drain(10_000)
      await expect(kickIt()).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
      end.resolve()
      await drained
      expect(await call).toEqual({ found: true })
      await expect(kickIt()).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
      await gate.peer.close(1_000)
      await expect(kickIt()).rejects.toMatchObject({ code: 'SERVER_GONE' })
    })

    test('fails the calls that still wait, and does not wait longer than it may', async () => {
      const clock = new ManualClock()
      const started = deferred()
      const end = deferred()
      const gate = await cluster.start(
        'gate',
        {
          'gate.session.kick': async () => {
            started.resolve()
            await end.promise
            return { found: true }
          },
        },
        { clock },
      )
      const call = gate.peer.call(kick, kickBody, { to: { server: gate.id }, timeoutMs: 60_000 })
      const failed = Promise.allSettled([call])
      await started.promise
      const closing = gate.peer.close(1_000)
      clock.advance(1_000)
      await closing
      expect(await failed).toMatchObject([{ status: 'rejected', reason: { code: 'SHUTTING_DOWN' } }])
      expect(gate.lines.some(({ msg }) => msg === 'closed while calls were being handled')).toBe(true)
      expect(clock.pendingTimers).toBe(0)
      end.resolve()
    })
  })
}
