import { HydraError, type AnyRoute, type ErrorCode } from '@hydra/protocol'
import type { CallOptions, RpcPeer } from '@hydra/rpc'
import { ManualClock, silentLogger } from '@hydra/runtime'
import { expect, it } from 'vitest'
import { hold, releasePayment, settlePayment } from './wallet-link.ts'

const payment = { rid: 'r1', uid: 'u1', holdId: 'h1' }

/** A peer whose calls end as listed, the last one again and again; notes what was called where. */
function wallet(...ends: readonly (ErrorCode | { readonly owner: string } | 'ok')[]) {
  const calls: string[] = []
  const clock = new ManualClock()
  const call = async (route: AnyRoute, _body: unknown, { to }: CallOptions) => {
    const end = ends[Math.min(calls.length, ends.length - 1)] ?? 'ok'
    calls.push(
      `${route.name.split('.').at(-1)} ${'server' in to ? to.server : `of ${'key' in to ? to.key : ''}`}`,
    )
    if (end === 'ok') return {}
    if (typeof end === 'string') throw new HydraError(end, 'As listed.')
    throw new HydraError('ROLE_ELSEWHERE', 'Elsewhere.', { metadata: { server: end.owner } })
  }
  // Answers of three routes that are all empty: no one type says that of a generic call.
  const peer = { call: call as unknown as RpcPeer['call'] }
  return { calls, clock, deps: { peer, clock, log: silentLogger, timeoutMs: 1_000 } }
}

it('follows a role that moves, twice at most', async () => {
  const moves = wallet({ owner: 'g2' }, { owner: 'g3' }, 'ok')
  await hold(moves.deps, payment, 10)
  expect(moves.calls).toEqual(['hold of u1', 'hold g2', 'hold g3'])
  const never = wallet({ owner: 'g2' })
  await expect(hold(never.deps, payment, 10)).rejects.toMatchObject({ code: 'SERVER_BUSY' })
  expect(never.calls).toHaveLength(3)
})

it('passes on why nothing was set aside', async () => {
  const { deps } = wallet('FUNDS_TOO_LOW')
  await expect(hold(deps, payment, 10)).rejects.toMatchObject({ code: 'FUNDS_TOO_LOW' })
})

it('ends a payment in three attempts at most, and leaves it to game then', async () => {
  const { calls, clock, deps } = wallet('TIMEOUT')
  const ended = settlePayment(deps, payment)
  for (let attempt = 1; attempt <= 3; attempt++) {
    await new Promise((resolve) => setImmediate(resolve))
    expect(calls).toHaveLength(attempt)
    clock.advance(300)
  }
  await ended
  expect(clock.pendingTimers).toBe(0)
})

it('does not repeat what no repetition helps', async () => {
  const { calls, deps } = wallet('ROLE_NOT_FOUND')
  await releasePayment(deps, payment)
  expect(calls).toEqual(['release of u1'])
})
