import { bodyCodec, HydraError } from '@hydra/protocol'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Frame, Sender } from './frame.ts'
import { FrameReader } from './frame-reader.ts'
import { batchHeadBytes, frameBytes } from './frame-writer.ts'
import { batchOf, session } from './samples.fixture.ts'
import { parseTraceparent } from './traceparent.ts'

const text = fc.string({ unit: 'binary', maxLength: 40 })
const route = fc.stringMatching(/^[a-zA-Z.]{1,40}$/)
const bytes = fc.uint8Array({ maxLength: 80 })
const callId = fc.integer({ min: 0, max: 0xffff_ffff })
const serializer = fc.constantFrom('json', 'msgpack')
const trace = fc.uint8Array({ minLength: 26, maxLength: 26 })
const dataKey = fc.stringMatching(/^[a-zA-Z.]{1,40}$/)
const data = fc.dictionary(dataKey, fc.oneof(text, fc.integer(), fc.boolean()), { noNullPrototype: true })
const dataChange = fc.dictionary(dataKey, fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)), {
  noNullPrototype: true,
})
const identity = fc.record(
  { sessionId: text, gateId: text, uid: text, epoch: fc.maxSafeNat(), rid: text, data },
  { requiredKeys: ['sessionId', 'gateId'] },
)
const update = fc.option(fc.record({ rid: fc.option(text), data: dataChange }, { requiredKeys: [] }), {
  nil: undefined,
})

/** A frame says once how its bodies are written; its session says the same. */
const withSerializer = (frame: object): Frame => {
  const { session: of, serializer: written } = frame as { session?: object | null; serializer: string }
  return (of ? { ...frame, session: { ...of, serializer: written } } : frame) as Frame
}

const frame = fc
  .oneof(
    fc.record({
      kind: fc.constant('request'),
      id: callId,
      route,
      remainingMs: fc.integer({ min: 0, max: 0xffff_ffff }),
      trace,
      session: fc.option(identity),
      serializer,
      body: bytes,
    }),
    fc.record({
      kind: fc.constant('reply'),
      id: callId,
      error: fc.boolean(),
      serializer,
      body: bytes,
      update,
    }),
    fc.record({ kind: fc.constant('notify'), route, trace, session: identity, serializer, body: bytes }),
  )
  .map(withSerializer)

const game: Sender = { type: 'game', id: 'game-1' }
const encode = (frames: readonly Frame[], from = game) => batchOf(from, frames)

/** Bytes come back as views of Node's own kind. */
const plain = (frames: readonly Frame[]) =>
  frames.map((one) => ({
    ...one,
    body: Array.from(one.body),
    ...('trace' in one ? { trace: Array.from(one.trace) } : {}),
  }))

describe('a batch', () => {
  test('comes back as it was sent, and takes the bytes that were reckoned with', () => {
    const reader = new FrameReader()
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 20 }), (frames) => {
        const decoded = reader.read(encode(frames))
        expect(decoded.from).toEqual(game)
        expect(decoded.malformed).toBe(0)
        expect(plain(decoded.frames)).toEqual(plain(frames))
      }),
    )
  })

  test('has the form that neighbouring versions expect', () => {
    const hex = (one: Frame) => Buffer.from(encode([one], { type: 'game', id: 'g' })).toString('hex')
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const client = session({ serializer: 'json' })
    const trace = '000af7651916cd43dd8448eb211c80319cb7ad6b716920333101'
    const identity = `07${'401c000000000000'}${'00027331'}${'00026731'}${'00027531'}${'00027231'}`
    expect(
      hex({
        kind: 'request',
        id: 1,
        route: 'a.b.c',
        remainingMs: 99.2,
        trace: parseTraceparent(traceparent),
        session: client,
        serializer: 'json',
        body: Uint8Array.of(0x7b, 0x7d),
      }),
    ).toBe(
      `02${'02'}0167${'00000047'}0102${'00000001'}${'00000064'}${trace}05${'612e622e63'}${'0019'}${identity}7b7d`,
    )
    expect(
      hex({
        kind: 'reply',
        id: 1,
        error: false,
        serializer: 'msgpack',
        body: Uint8Array.of(0x80),
        update: { rid: null },
      }),
    ).toBe(`02020167${'00000008'}0205${'00000001'}01${'80'}`)
  })

  test('loses only what is damaged in it', () => {
    const reply = (id: number): Frame => ({
      kind: 'reply',
      id,
      error: false,
      serializer: 'json',
      body: bodyCodec('json').encode({}),
      update: undefined,
    })
    const bytes = encode([reply(1), reply(2), reply(3)])
    const second = batchHeadBytes(game) + frameBytes(reply(1))
    bytes[second + 4] = 9
    const { frames, malformed } = new FrameReader().read(bytes)
    expect(frames.map((one) => 'id' in one && one.id)).toEqual([1, 3])
    expect(malformed).toBe(1)
    expect(new FrameReader().read(bytes.subarray(0, -1))).toMatchObject({ malformed: 2 })
  })

  test('never yields anything but a batch or an error, whatever the bytes', () => {
    const reader = new FrameReader()
    const outcomeOf = (bytes: Uint8Array): unknown => {
      try {
        return Array.isArray(reader.read(bytes).frames)
      } catch (error) {
        return error
      }
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (noise, behindHead) => {
        const outcome = outcomeOf(behindHead ? Buffer.concat([encode([]), noise]) : noise)
        expect([true, 'PROTOCOL_ERROR']).toContain(outcome instanceof HydraError ? outcome.code : outcome)
      }),
      { numRuns: 1_000 },
    )
  })
})
