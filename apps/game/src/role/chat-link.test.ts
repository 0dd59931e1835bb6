import { createMemoryCluster, type RpcPeer } from '@hydra/rpc'
import { createCountingIds, createMetrics, ManualClock, silentLogger, type Metrics } from '@hydra/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGameMetrics } from '../game-metrics.ts'
import { nextTurn } from '../test-support/faults.ts'
import { TestChat } from '../test-support/test-chat.ts'
import { openTestPeer } from '../test-support/test-peer.ts'
import { ChatLink } from './chat-link.ts'
import { newRole } from './role.ts'

const ada = { ...newRole({ rid: 'r1', uid: 'u1', name: 'Ada' }, 1_000), level: 7 }
const session = { sessionId: 's1', gateId: 'gate-1', epoch: 1 }

describe('the link to chat', () => {
  let clock: ManualClock
  let chat: TestChat
  let peers: RpcPeer[]
  let metrics: Metrics
  let link: ChatLink

  beforeEach(async () => {
    clock = new ManualClock()
    chat = new TestChat()
    metrics = createMetrics({ service: 'game' })
    const options = { env: 'test', cluster: createMemoryCluster(), clock, ids: createCountingIds('server') }
    const peer = await openTestPeer({ ...options, type: 'game' })
    peers = [
      peer,
      await openTestPeer({ ...options, type: 'chat' }, (it) => it.serve('chat', chat.handlers())),
    ]
    link = new ChatLink({
      peer,
      clock,
      ids: createCountingIds('message'),
      random: () => 0.5,
      log: silentLogger,
      failures: createGameMetrics(metrics).chatFailures,
      timeoutMs: 1_000,
      leaveAttemptsMax: 2,
      tellAttemptsMax: 3,
      backoff: { minMs: 100, maxMs: 1_000 },
    })
  })
  afterEach(async () => {
    await Promise.all(peers.map((peer) => peer.close(0)))
  })

  /** Lets the time go on until chat has been told, or has been given up. */
  const finish = async <T>(telling: Promise<T>): Promise<T> => {
    const state = { settled: false }
    void telling.finally(() => (state.settled = true))
    for (let turn = 0; turn < 1_000 && !state.settled; turn++) {
      clock.advance(10)
      for (let each = 0; each < 5; each++) await nextTurn()
    }
    return telling
  }

  it('says who a role is when it enters, and when that changes', async () => {
    await link.entered(ada, session)
    await link.updated({ ...ada, level: 8 })
    await link.left('r1', 'u1', session)
    expect(chat.heard).toEqual(['enter r1 Ada 7', 'update r1 Ada 8', 'leave r1'])
  })

  it('tries the end of a presence again, a bounded number of times', async () => {
    chat.answersLost = 9
    await finish(link.left('r1', 'u1', session))
    expect(chat.heard).toEqual(['leave r1', 'leave r1'])
    expect(await metrics.expose()).toMatch(
      /hydra_game_chat_failures_total\{.*route="chat.presence.leave",code="STORAGE_UNAVAILABLE".*\} 1/,
    )
  })

  it('announces to everybody, or in a channel', async () => {
    expect(await link.announce({ text: 'Welcome.' })).toBe(1)
    expect(await link.announce({ channel: 'team-t1', text: 'Go.', data: { stage: 2 } })).toBe(2)
    expect(chat.heard).toEqual(['announce 1 system Welcome.', 'announce 2 team-t1 Go.'])
  })

  it('announces once, however often it had to be sent', async () => {
    chat.answersLost = 2
    expect(await finish(link.announce({ text: 'Welcome.' }))).toBe(1)
    expect(chat.heard).toEqual(Array.from({ length: 3 }, () => 'announce 1 system Welcome.'))
    expect(await link.announce({ text: 'Welcome.', messageId: 'fair' })).toBe(2)
    expect(await link.announce({ text: 'Welcome.', messageId: 'fair' })).toBe(2)
  })

  it('goes on without an announcement that chat does not take', async () => {
    chat.isAway = true
    expect(await finish(link.announce({ text: 'Welcome.' }))).toBeUndefined()
    await Promise.all(peers.splice(1).map((peer) => peer.close(0)))
    expect(await finish(link.announce({ text: 'Welcome.' }))).toBeUndefined()
  })

  it('tells of the members of a team', async () => {
    chat.answersLost = 1
    await finish(link.teamChanged({ teamId: 't1', version: 2, rids: ['r1', 'r2'] }))
    expect(chat.heard).toEqual(['team t1 2 r1 r2', 'team t1 2 r1 r2'])
  })
})
