import type { TopicMessage } from '@hydra/rpc'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PushReader, ReplayLog } from './replay-log.ts'

const bodyBytes = 36
/** With its other bodies and what else it costs: a round number. */
const entryBytes = 200

const message = (label: number): TopicMessage => {
  const body = new Uint8Array(bodyBytes)
  new DataView(body.buffer).setUint32(0, label)
  return { push: 'chat.channel.message', bodies: { json: body, msgpack: body } }
}
const labelsOf = (messages: readonly TopicMessage[] | undefined) =>
  messages?.map(({ bodies }) => new DataView(bodies.json.slice().buffer).getUint32(0))

const topic = fc.constantFrom('a', 'b', 'c')
const reader = fc.nat({ max: 2 })
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('publish' as const), topic }) },
  fc.record({ kind: fc.constant('join' as const), topic, reader }),
  fc.record({ kind: fc.constant('leave' as const), topic, reader }),
  fc.record({
    kind: fc.constant('return' as const),
    reader,
    received: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
)

describe('the log of pushes', () => {
  it('knows what each reader was sent, in order, or says that it does not', () => {
    const keptMax = 12
    let answered = 0
    let mostBytes = 0
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
        const log = new ReplayLog(keptMax * entryBytes)
        const readers = Array.from({ length: 3 }, () => ({
          reader: new PushReader(),
          topics: new Set<string>(),
          sent: [] as number[],
        }))
        const noted: number[] = []
        const answers: (readonly number[] | undefined)[] = []
        const expected: typeof answers = []
        let label = 0
        for (const one of steps) {
          if (one.kind === 'publish') {
            label++
            log.note(one.topic, message(label))
            const members = readers.filter(({ topics }) => topics.has(one.topic))
            for (const { sent } of members) sent.push(label)
            if (members.length > 0) noted.push(label)
            continue
          }
          const model = readers[one.reader]
          if (model === undefined) continue
          if (one.kind === 'return') {
            const received = Math.floor(one.received * model.sent.length)
            const missed = model.sent.slice(received)
            const kept = new Set(noted.slice(-keptMax))
            expected.push(missed.every((each) => kept.has(each)) ? missed : undefined)
            answers.push(labelsOf(log.missed(model.reader, received)))
          } else if (one.kind === 'join') {
            model.topics.add(one.topic)
            log.join(model.reader, one.topic)
          } else {
            model.topics.delete(one.topic)
            log.leave(model.reader, one.topic)
          }
          mostBytes = Math.max(mostBytes, log.bytes)
        }
        expect(answers).toEqual(expected)
        answered += answers.length
      }),
      { numRuns: 1_000 },
    )
    expect(answered).toBeGreaterThan(1_000)
    expect(mostBytes).toBe(keptMax * entryBytes)
  })

  it('keeps nothing of topics that nobody can come back to', () => {
    const log = new ReplayLog(1_000_000)
    const one = new PushReader()
    log.note('a', message(1))
    log.join(one, 'a')
    log.forget(one)
    log.note('a', message(2))
    expect([log.bytes, log.missed(one, 0)]).toEqual([0, []])
  })

  it('refuses a client that claims more than it was sent', () => {
    const log = new ReplayLog(1_000_000)
    const one = new PushReader()
    log.join(one, 'a')
    log.note('a', message(1))
    expect([log.missed(one, 1), log.missed(one, 2)]).toEqual([[], undefined])
  })

  it('remembers of topics left long ago only how much there was', () => {
    const log = new ReplayLog(1_000_000)
    const one = new PushReader()
    for (let i = 0; i < 200; i++) {
      log.join(one, `topic-${i}`)
      log.note(`topic-${i}`, message(i))
      log.leave(one, `topic-${i}`)
    }
    expect(one.closed.length).toBeLessThanOrEqual(32)
    expect(labelsOf(log.missed(one, 190))).toEqual([190, 191, 192, 193, 194, 195, 196, 197, 198, 199])
    expect(log.missed(one, 10)).toBeUndefined()
  })
})
