import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { batchOverheadBytes, decodeBatch, encodeBatch, toWire, type Frame } from './frame.ts'
import { session } from './samples.fixture.ts'

const text = fc.string({ unit: 'binary', maxLength: 40 })
const bytes = fc.uint8Array({ maxLength: 80 })
const callId = fc.integer({ min: 0, max: 0xffff_ffff })
const serializer = fc.constantFrom('json', 'msgpack')
const traceparent = fc.constant('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')
const identity = fc.record(
  { sessionId: text, gateId: text, uid: text, epoch: fc.maxSafeNat(), rid: text },
  { requiredKeys: ['sessionId', 'gateId'] },
)
const update = fc.option(fc.record({ rid: fc.option(text) }, { requiredKeys: [] }), { nil: undefined })

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
      route: text,
      remainingMs: fc.integer({ min: -1_000, max: 2 ** 40 }),
      traceparent,
      session: fc.option(identity),
      serializer,
      body: bytes,
    }),
    fc.record({ kind: fc.constant('reply'), id: callId, ok: fc.boolean(), serializer, body: bytes, update }),
    fc.record({
      kind: fc.constant('notify'),
      route: text,
      traceparent,
      session: identity,
      serializer,
      body: bytes,
    }),
  )
  .map(withSerializer)

/** Bodies come back as views of Node's own kind. */
const plain = (frames: readonly Frame[]) => frames.map((one) => ({ ...one, body: Array.from(one.body) }))

describe('a batch', () => {
  test('comes back as it was sent, and never takes more bytes than was reckoned with', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 20 }), (frames) => {
        const from = { type: 'game', id: 'game-1' } as const
        const wire = frames.map(toWire)
        const encoded = encodeBatch(
          from,
          wire.map(({ fields }) => fields),
        )
        const decoded = decodeBatch(encoded)
        expect(decoded.from).toEqual(from)
        expect(decoded.malformed).toBe(0)
        expect(plain(decoded.frames)).toEqual(plain(frames))
        const reckoned = wire.reduce((sum, { maxBytes }) => sum + maxBytes, batchOverheadBytes)
        expect(encoded.length).toBeLessThanOrEqual(reckoned)
      }),
    )
  })

  test('has the form that neighbouring versions expect', () => {
    const request: Frame = {
      kind: 'request',
      id: 1,
      route: 'a.b.c',
      remainingMs: 99.2,
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      session: session({ serializer: 'json' }),
      serializer: 'json',
      body: Uint8Array.of(0x7b, 0x7d),
    }
    expect(toWire(request).fields).toEqual([
      1,
      1,
      'a.b.c',
      100,
      request.traceparent,
      ['s1', 'g1', 'u1', 7, 'r1'],
      0,
      Uint8Array.of(0x7b, 0x7d),
    ])
    const reply: Frame = {
      kind: 'reply',
      id: 1,
      ok: true,
      serializer: 'msgpack',
      body: Uint8Array.of(0x80),
      update: { rid: null },
    }
    expect(Buffer.from(encodeBatch({ type: 'game', id: 'g' }, [toWire(reply).fields])).toString('hex')).toBe(
      '93a467616d65a16791960201c301c4018081a3726964c0',
    )
  })
})
