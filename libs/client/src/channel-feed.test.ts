import { setImmediate as turn } from 'node:timers/promises'
import { routes, type ChatMessage } from '@hydra/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ChannelFeedOptions } from './channel-feed-options.ts'
import { createChannelFeed } from './channel-feed.ts'
import { ChannelServer } from './test-support/channel-server.ts'
import { connected } from './test-support/connected.ts'
import { ManualClock } from './test-support/manual-clock.ts'
import { PeerServer } from './test-support/peer-server.ts'

const { history, join } = routes.chat.channel

describe('over a connection', () => {
  let server: PeerServer

  beforeEach(async () => {
    server = await PeerServer.listen()
  })

  afterEach(() => server.close())

  const message = (seq: number, channel = 'world-3') => ({
    channel,
    seq,
    from: { rid: 'r2', name: 'Bob' },
    text: `${seq}`,
    sentAtMs: 7,
  })

  test('joins, shows the latest page, then pushes of its channel, and fills gaps', async () => {
    const { client, peer } = await connected(server)
    const seen: number[] = []
    let onSeen = () => {}
    const shown = (count: number) =>
      new Promise<void>((resolve) => {
        onSeen = () => seen.length >= count && resolve()
        onSeen()
      })
    const feed = createChannelFeed({
      client,
      channel: 'world',
      onMessages: (messages) => {
        seen.push(...messages.map(({ seq }) => seq))
        onSeen()
      },
    })

    const joining = await peer.nextRequest()
    expect([joining.route, peer.decode(joining.body)]).toEqual([join.name, { channel: 'world' }])
    peer.respond(joining, { channel: 'world-3', lastSeq: 5 })
    const reading = await peer.nextRequest()
    expect([reading.route, peer.decode(reading.body)]).toEqual([
      history.name,
      { channel: 'world-3', limit: 100 },
    ])
    peer.respond(reading, { messages: [message(4), message(5)], hasMore: true, lastSeq: 5 })
    peer.push('chat.channel.message', message(6))
    peer.push('chat.channel.message', message(6, 'system'))
    peer.push('chat.channel.message', message(8))
    const filling = await peer.nextRequest()
    expect(peer.decode(filling.body)).toEqual({ channel: 'world-3', limit: 100, afterSeq: 6 })
    peer.respond(filling, { messages: [message(7), message(8)], hasMore: false, lastSeq: 8 })
    await shown(5)
    expect(seen).toEqual([4, 5, 6, 7, 8])
    expect([feed.channel, feed.seq]).toEqual(['world-3', 8])
    feed.close()
    await client.close()
  })
})

describe('step by step', () => {
  let server: ChannelServer
  let clock: ManualClock
  let told: unknown[]

  beforeEach(() => {
    server = new ChannelServer()
    clock = new ManualClock()
    told = []
  })

  const seqs = (messages: readonly ChatMessage[]) => messages.map(({ seq }) => seq)
  const feedOf = (options: Partial<ChannelFeedOptions> = {}) =>
    createChannelFeed({
      client: server,
      channel: 'world',
      onMessages: (messages) => told.push(seqs(messages)),
      onBegin: (channel) => told.push(channel),
      onLost: (range) => told.push(range),
      onError: ({ code }) => told.push(code),
      clock,
      random: () => 1,
      quietMs: 0,
      ...options,
    })
  const post = (count: number) => {
    for (let i = 0; i < count; i++) server.post()
  }
  /** Everything that is asked is answered, everything sent arrives. */
  const settle = async () => {
    await turn()
    while (server.requests.length + server.onTheWay.length > 0) {
      server.settle()
      await turn()
    }
  }
  const dropAll = () => {
    for (const each of server.onTheWay.splice(0)) each.drop()
  }

  test('finds a message that no push has told of, after a while', async () => {
    const feed = feedOf({ quietMs: 1_000 })
    await settle()
    post(1)
    await settle()
    post(1)
    dropAll()
    clock.advance(1_249)
    await settle()
    expect(told.at(-1)).toEqual([1])
    clock.advance(1)
    await settle()
    expect(told.at(-1)).toEqual([2])
    feed.close()
    expect(clock.timers).toBe(0)
  })

  test('follows its role to another channel of its kind as soon as something is said there', async () => {
    feedOf()
    await settle()
    post(1)
    await settle()
    server.channel = 'world-2'
    server.messages = []
    post(2)
    await settle()
    expect(told).toEqual(['world-1', [1], 'world-2', [1, 2]])
  })

  test('does not take for lost what a loss of the log has passed over', async () => {
    server.baseSeq = 4
    feedOf()
    await settle()
    post(5)
    const pushes = server.onTheWay.splice(0)
    server.oldest = 5
    pushes.at(-1)?.arrive()
    await settle()
    expect(told).toEqual(['world-1', [5]])
  })

  test('goes on after what is known, page by page', async () => {
    post(7)
    dropAll()
    feedOf({ afterSeq: 2, pageMax: 2 })
    await settle()
    expect(told).toEqual(['world-1', [3, 4], [5, 6], [7]])
  })

  test('numbers that the history does not have are reported in their place, but not what was pushed', async () => {
    const feed = feedOf()
    await settle()
    post(6)
    const [, , third] = server.onTheWay.splice(0)
    server.oldest = 5
    third?.arrive()
    await settle()
    expect(told).toEqual(['world-1', { from: 1, to: 2 }, [3], { from: 4, to: 4 }, [5, 6]])
    expect(feed.seq).toBe(6)
  })

  test('when too much comes before its turn, all of it is read again', async () => {
    feedOf({ aheadMax: 2 })
    await settle()
    post(5)
    const [, ...others] = server.onTheWay.splice(0)
    for (const each of others) each.arrive()
    await settle()
    expect(told).toEqual(['world-1', [1, 2, 3, 4, 5]])
  })

  test('messages of muted roles are counted, not shown', async () => {
    const muted = new Set(['r2'])
    const feed = feedOf({ muted })
    await settle()
    for (const rid of ['r1', 'r2', 'r2', 'r1']) server.post(rid)
    await settle()
    muted.clear()
    server.post('r2')
    await settle()
    expect(told).toEqual(['world-1', [1], [4], [5]])
    expect(feed.seq).toBe(5)
  })

  test('deletions are told; what was not shown yet is shown as deleted', async () => {
    const shown: ChatMessage[] = []
    feedOf({
      onMessages: (messages) => shown.push(...messages),
      onDeleted: (deleted) => told.push(deleted),
    })
    await settle()
    post(1)
    await settle()
    post(2)
    server.delete(1)
    server.delete(3)
    const [second, third, ...deletions] = server.onTheWay.splice(0)
    for (const each of [...deletions, third, second]) each?.arrive()
    expect(told).toEqual(['world-1', { channel: 'world-1', seq: 1 }])
    expect(shown.map(({ seq, text, deleted }) => [seq, text, deleted])).toEqual([
      [1, '1', undefined],
      [2, '2', undefined],
      [3, '', true],
    ])
  })

  test('after a reconnect it reads what it has missed', async () => {
    const feed = feedOf()
    await settle()
    post(2)
    dropAll()
    feed.resync()
    await settle()
    expect(told).toEqual(['world-1', [1, 2]])
  })

  test.each([
    ['another channel', 'world-2'],
    ['numbers that have begun anew', 'world-1'],
  ])('%s: begins again', async (_what, channel) => {
    const feed = feedOf()
    post(4)
    await settle()
    server.channel = channel
    server.messages = []
    post(2)
    dropAll()
    feed.resync()
    await settle()
    post(1)
    await settle()
    expect(told).toEqual(['world-1', [1, 2, 3, 4], channel, [1, 2], [3]])
  })

  test('retries with growing pauses, then gives up until it is asked to', async () => {
    const feed = feedOf()
    const pauses: number[] = []
    for (let attempt = 1; attempt <= 8; attempt++) {
      server.requests.shift()?.fail('SERVER_BUSY')
      await turn()
      if (clock.timers === 0) break
      const beforeMs = clock.monotonicMs()
      while (server.requests.length === 0) {
        clock.advance(250)
        await turn()
      }
      pauses.push(clock.monotonicMs() - beforeMs)
    }
    expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000])
    expect([told, clock.timers, server.requests.length]).toEqual([['SERVER_BUSY'], 0, 0])
    post(1)
    feed.resync()
    await settle()
    expect(told).toEqual(['SERVER_BUSY', 'world-1', [1]])
  })

  test('what cannot be retried is told at once; a push makes it try again, but not at once', async () => {
    feedOf()
    await settle()
    post(2)
    server.onTheWay.pop()?.arrive()
    server.requests.shift()?.fail('ROLE_NOT_ENTERED')
    await turn()
    post(1)
    server.onTheWay.pop()?.arrive()
    expect([told, server.requests.length]).toEqual([['world-1', 'ROLE_NOT_ENTERED'], 0])
    clock.advance(10_000)
    post(1)
    server.onTheWay.pop()?.arrive()
    await settle()
    expect(told).toEqual(['world-1', 'ROLE_NOT_ENTERED', [1, 2, 3, 4]])
  })

  test('joins again when it is told that it has not', async () => {
    feedOf()
    await settle()
    post(2)
    server.onTheWay.pop()?.arrive()
    server.requests.shift()?.fail('CHAT_NOT_JOINED')
    await turn()
    clock.advance(250)
    await settle()
    expect(told).toEqual(['world-1', [1, 2]])
  })

  test('a history that stays behind what was pushed is asked again a few times only', async () => {
    feedOf()
    await settle()
    post(2)
    server.onTheWay.pop()?.arrive()
    dropAll()
    server.messages = []
    for (let i = 0; i < 20; i++) {
      await settle()
      clock.advance(10_000)
    }
    expect(told).toEqual(['world-1', 'STORAGE_UNAVAILABLE'])
  })

  test('closing ends it: no listener, no timer, nothing told', async () => {
    const feed = feedOf()
    await settle()
    post(2)
    server.onTheWay.pop()?.arrive()
    server.requests.shift()?.fail('SERVER_BUSY')
    await turn()
    expect([clock.timers, server.listeners]).toEqual([1, 2])
    feed.close()
    feed.resync()
    await settle()
    expect([clock.timers, server.listeners, told]).toEqual([0, 0, ['world-1']])
  })

  test('closing while a page is shown, or on its way', async () => {
    post(4)
    dropAll()
    const closing = feedOf({
      afterSeq: 0,
      pageMax: 2,
      onMessages: (messages) => {
        told.push(seqs(messages))
        closing.close()
      },
    })
    const late = feedOf({ afterSeq: 0 })
    await turn()
    server.settle()
    await turn()
    late.close()
    await settle()
    expect(told).toEqual(['world-1', 'world-1', [1, 2]])
  })
})
