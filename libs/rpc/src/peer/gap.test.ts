import { createMetrics, silentLogger, systemClock } from '@hydra/runtime'
import { testBackends, uniqueName } from '@hydra/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Bus } from '../bus/bus.ts'
import { connectNatsBus } from '../bus/nats-bus.ts'
import { CutProxy } from '../cut-proxy.fixture.ts'
import { deferred } from '../deferred.fixture.ts'
import { kick, kickBody } from './samples.fixture.ts'
import { natsBuses, TestCluster, type TestProcess } from './test-cluster.fixture.ts'

const { natsUrl } = testBackends()

describe.each(natsUrl === undefined ? [] : [natsUrl])('while the connection to NATS is lost', (url) => {
  let proxy: CutProxy
  let cluster: TestCluster
  let cutOff: Bus
  let gate: TestProcess
  let chat: TestProcess
  let handled: string[]

  const becomes = (connected: boolean) =>
    new Promise<void>((resolve) => {
      if (cutOff.connected === connected) return resolve()
      const stop = cutOff.onConnectedChange((now) => {
        if (now !== connected) return
        stop()
        resolve()
      })
    })
  const cut = async () => {
    proxy.cut()
    await becomes(false)
  }
  const call = (sessionId: string, options: { timeoutMs?: number; whenDisconnected?: 'wait' } = {}) =>
    chat.peer.call(kick, { ...kickBody, sessionId }, { to: { server: gate.id }, ...options })

  beforeEach(async () => {
    handled = []
    proxy = await CutProxy.to(Number(new URL(url).port))
    cluster = new TestCluster(natsBuses(url), uniqueName('gap'))
    cutOff = await connectNatsBus({
      servers: [`127.0.0.1:${proxy.port}`],
      name: 'cut-off',
      clock: systemClock,
      random: Math.random,
      log: silentLogger,
      metrics: createMetrics({ service: 'test' }),
      reconnectWaitMs: 20,
    })
  })
  afterEach(async () => {
    await cluster.close()
    await cutOff.close()
    await proxy.close()
  })

  const startCaller = async () => {
    gate = await cluster.start('gate', {
      'gate.session.kick': (_context, { sessionId }) => {
        handled.push(sessionId)
        return { found: true }
      },
    })
    chat = await cluster.start('chat', {}, { wrapBus: () => cutOff })
  }

  test('calls fail at once, or wait and are sent in order when it is back: as their callers choose', async () => {
    await startCaller()
    await cut()
    await expect(call('at once')).rejects.toMatchObject({ code: 'SERVER_GONE' })
    const waiting = ['1', '2', '3'].map((id) => call(id, { whenDisconnected: 'wait', timeoutMs: 10_000 }))
    expect(await chat.metric('hydra_rpc_held_bytes')).toBeGreaterThan(0)
    proxy.mend()
    expect(await Promise.all(waiting)).toEqual([{ found: true }, { found: true }, { found: true }])
    expect(handled).toEqual(['1', '2', '3'])
    expect(await chat.metric('hydra_rpc_held_bytes')).toBe(0)
  })

  test('a call that waits ends at its deadline and is not sent afterwards', async () => {
    await startCaller()
    await cut()
    await expect(call('late', { whenDisconnected: 'wait', timeoutMs: 50 })).rejects.toMatchObject({
      code: 'TIMEOUT',
    })
    proxy.mend()
    await becomes(true)
    await call('after')
    expect(handled).toEqual(['after'])
  })

  test('a reply that was made meanwhile arrives when it is back', async () => {
    const started = deferred()
    const end = deferred()
    gate = await cluster.start(
      'gate',
      {
        'gate.session.kick': async () => {
          started.resolve()
          await end.promise
          return { found: true }
        },
      },
      { wrapBus: () => cutOff },
    )
    chat = await cluster.start('chat')
    const answer = call('s1', { timeoutMs: 10_000 })
    await started.promise
    await cut()
    end.resolve()
    await end.promise
    proxy.mend()
    expect(await answer).toEqual({ found: true })
  })

  test('no more may wait than the bound says', async () => {
    await startCaller()
    const small = await cluster.start('chat', {}, { wrapBus: () => cutOff, limits: { maxHeldBytes: 150 } })
    await cut()
    const options = { to: { server: gate.id }, whenDisconnected: 'wait', timeoutMs: 10_000 } as const
    const first = small.peer.call(kick, kickBody, options)
    await expect(small.peer.call(kick, kickBody, options)).rejects.toMatchObject({ code: 'SERVER_BUSY' })
    proxy.mend()
    expect(await first).toEqual({ found: true })
  })
})
