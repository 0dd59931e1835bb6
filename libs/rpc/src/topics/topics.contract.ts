import { setImmediate as nextTurn } from 'node:timers/promises'
import { bodyCodec, pushes, serializers, type ChatMessage } from '@hydra/protocol'
import { createMetrics, silentLogger, systemClock } from '@hydra/runtime'
import { eventually, uniqueName } from '@hydra/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { deferred } from '../deferred.fixture.ts'
import { TestCluster, type TestBuses, type TestProcess } from '../peer/test-cluster.fixture.ts'
import { topicSubject } from '../subjects.ts'
import { createTopicMembers, type TopicMembersOptions } from './create-topic-members.ts'
import type { TopicMembers } from './topic-members.ts'

const message = (text: string): ChatMessage => ({
  channel: 'world',
  seq: 1,
  from: { rid: 'r1', name: 'Ada' },
  text,
  sentAtMs: 1,
})

/** What topics promise, whichever bus carries them. */
export function topicsContract(openBuses: () => TestBuses): void {
  let cluster: TestCluster
  let gate: TestProcess
  let chat: TestProcess
  let delivered: { topic: string; text: string }[]
  let topics: TopicMembers

  const open = (options: Partial<TopicMembersOptions> = {}): TopicMembers =>
    createTopicMembers({
      bus: gate.bus,
      env: cluster.env,
      clock: systemClock,
      log: silentLogger,
      metrics: createMetrics({ service: 'gate' }),
      deliver: (topic, { bodies }) => {
        const { text } = bodyCodec('json').decode(bodies.json) as ChatMessage
        delivered.push({ topic, text })
      },
      ...options,
    })
  const publish = (topic: string, text: string) =>
    chat.peer.publish(topic, pushes.chat.channel.message, message(text))
  const until = (count: number) => eventually(() => delivered.length >= count, { intervalMs: 1 })

  /** Resolves when everything that was published before has been delivered: it comes behind all of that. */
  async function settled(): Promise<void> {
    const end = deferred()
    const marker = open({ deliver: () => end.resolve() })
    await marker.join('marker', 'nobody')
    publish('marker', 'end')
    await end.promise
    marker.close()
  }

  /** Whether anybody listens to a topic at the bus. */
  async function isHeard(topic: string): Promise<boolean> {
    let heard = true
    chat.bus.publish(topicSubject(cluster.env, topic), Uint8Array.of(0), {
      onNoResponders: () => {
        heard = false
      },
    })
    await settled()
    // The answer comes over another connection than what is delivered to the gate.
    await chat.bus.flush()
    return heard
  }

  beforeEach(async () => {
    delivered = []
    cluster = new TestCluster(openBuses(), uniqueName('rpc'))
    gate = await cluster.start('gate')
    chat = await cluster.start('chat')
    topics = open()
  })
  afterEach(async () => {
    topics.close()
    await cluster.close()
  })

  test('a push arrives once for all members, written in every serializer', async () => {
    const messages: unknown[] = []
    const own = open({ deliver: (topic, push) => void messages.push({ topic, push }) })
    await Promise.all([own.join('world', 's1'), own.join('world', 's2')])
    await topics.join('world', 's3')
    publish('world', 'hi')
    await until(1)
    await settled()
    own.close()
    expect(messages).toHaveLength(1)
    const { topic, push } = messages[0] as {
      topic: string
      push: { push: string; bodies: Record<string, Uint8Array> }
    }
    expect({ topic, push: push.push }).toEqual({ topic: 'world', push: 'chat.channel.message' })
    for (const serializer of serializers) {
      const body = push.bodies[serializer]
      expect(body && bodyCodec(serializer).decode(body)).toEqual(message('hi'))
    }
  })

  test('a resolved join misses nothing, and messages keep their order', async () => {
    await topics.join('world', 's1')
    for (let count = 0; count < 50; count++) publish('world', String(count))
    await until(50)
    expect(delivered.map(({ text }) => Number(text))).toEqual(Array.from({ length: 50 }, (_, count) => count))
  })

  test('of a sequence each number arrives once, and none after a larger one', async () => {
    await topics.join('world', 's1')
    const publishSeq = (sequence: string, seq: number) =>
      chat.peer.publish('world', pushes.chat.channel.message, message(`${sequence}${seq}`), {
        order: { sequence, seq },
      })
    for (const seq of [5, 6, 6, 5, 8, 7, 9]) publishSeq('a', seq)
    for (const seq of [1, 1, 2]) publishSeq('b', seq)
    publish('world', 'of none')
    publish('world', 'of none')
    await settled()
    expect(delivered.filter(({ topic }) => topic === 'world').map(({ text }) => text)).toEqual([
      'a5',
      'a6',
      'a8',
      'a9',
      'b1',
      'b2',
      'of none',
      'of none',
    ])
  })

  test('the gate listens only while a topic has members', async () => {
    expect(await isHeard('world')).toBe(false)
    await topics.join('world', 's1')
    await topics.join('world', 's2')
    await topics.join('world', 's2')
    expect(topics.size).toBe(1)
    topics.leave('world', 's1')
    expect(await isHeard('world')).toBe(true)
    topics.leave('world', 's2')
    topics.leave('world', 's2')
    expect(topics.size).toBe(0)
    // The subscription ends in a promise's turn, and the server knows of it after a flush.
    await nextTurn()
    await gate.bus.flush()
    expect(await isHeard('world')).toBe(false)
  })

  test('a member leaves all of its topics at once, and no others', async () => {
    await Promise.all(['a', 'b', 'c'].map((topic) => topics.join(topic, 's1')))
    await topics.join('b', 's2')
    expect(topics.topicsOf('s1')).toEqual(['a', 'b', 'c'])
    topics.leaveAll('s1')
    topics.leaveAll('s1')
    expect(topics.topicsOf('s1')).toEqual([])
    expect(topics.size).toBe(1)
    for (const topic of ['a', 'b', 'c']) publish(topic, topic)
    await until(1)
    await settled()
    expect(delivered).toEqual([{ topic: 'b', text: 'b' }])
  })

  test('leaving and joining again while the subscription is being made delivers each message once', async () => {
    const joins: Promise<void>[] = []
    for (let round = 0; round < 20; round++) {
      joins.push(topics.join('world', 's1'))
      if (round < 19) topics.leave('world', 's1')
    }
    await Promise.all(joins)
    publish('world', 'hi')
    await until(1)
    await settled()
    expect(delivered).toEqual([{ topic: 'world', text: 'hi' }])
  })

  test('members and topics are bounded', async () => {
    const bounded = open({ maxTopics: 2, maxTopicsPerMember: 1 })
    await bounded.join('a', 's1')
    await bounded.join('a', 's1')
    await expect(bounded.join('b', 's1')).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    await bounded.join('b', 's2')
    await expect(bounded.join('c', 's3')).rejects.toMatchObject({ code: 'SERVER_BUSY' })
    bounded.leaveAll('s3')
    await bounded.join('b', 's3')
    bounded.leave('a', 's1')
    await bounded.join('c', 's1')
    bounded.close()
    await expect(bounded.join('a', 's1')).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
    expect(bounded.size).toBe(0)
  })

  test('garbage on a topic and deliveries that throw are dropped', async () => {
    const subject = topicSubject(cluster.env, 'world')
    await topics.join('world', 's1')
    const failing = open({
      deliver: () => {
        throw new Error('a defect in the gate')
      },
    })
    await failing.join('world', 's1')
    chat.bus.publish(subject, Uint8Array.of(0xc1))
    chat.bus.publish(subject, bodyCodec('msgpack').encode(['chat.channel.message', 'no bytes', 7]))
    chat.bus.publish(subject, bodyCodec('msgpack').encode({ push: 'chat.channel.message' }))
    publish('world', 'hi')
    publish('world', 'again')
    await until(2)
    failing.close()
    expect(delivered.map(({ text }) => text)).toEqual(['hi', 'again'])
  })

  test('a topic that no subject can hold is refused', async () => {
    await expect(topics.join('a.b', 's1')).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    await expect(topics.join('*', 's1')).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    expect(() => publish('>', 'hi')).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }))
    expect(topics.size).toBe(0)
  })
}
