import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { inflateBody } from './inflate-body.ts'

describe('inflateBody', () => {
  it('inflates up to the limit exactly', () => {
    const body = new Uint8Array(1_000).fill(7)
    expect(new Uint8Array(inflateBody(deflateSync(body), 1_000))).toEqual(body)
    expect(inflateBody(deflateSync(new Uint8Array(0)), 1_000)).toHaveLength(0)
  })

  it('stops at the limit, whatever would come', () => {
    // A thousand times as large as what was sent.
    const bomb = deflateSync(new Uint8Array(64 * 1024 * 1024))
    expect(bomb.length).toBeLessThan(70_000)
    expect(() => inflateBody(bomb, 256 * 1024)).toThrow(
      expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }),
    )
  })

  it.each([
    ['nothing', new Uint8Array(0)],
    ['garbage', Uint8Array.of(1, 2, 3, 4)],
    ['a cut-off stream', deflateSync(new Uint8Array(1_000)).subarray(0, 8)],
    ['gzip', gzipSync(new Uint8Array(10))],
    ['a raw stream', deflateRawSync(Uint8Array.of(5, 6, 7))],
  ])('refuses %s', (_what, body) => {
    expect(() => inflateBody(body, 1_000)).toThrow(expect.objectContaining({ code: 'PROTOCOL_ERROR' }))
  })
})
