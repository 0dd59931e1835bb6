import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readProxyHeader } from './proxy-protocol.ts'

const first = (text: string) => Buffer.from(text, 'latin1')
const second = (commandAndFamily: string, body: string) =>
  Buffer.from(
    `0d0a0d0a000d0a515549540a${commandAndFamily}${(body.length / 2).toString(16).padStart(4, '0')}${body}`,
    'hex',
  )

describe('readProxyHeader', () => {
  it.each<[string, Buffer, string | undefined]>([
    ['v1 TCP4', first('PROXY TCP4 203.0.113.9 10.0.0.1 51234 3250\r\n'), '203.0.113.9'],
    ['v1 TCP6', first('PROXY TCP6 2001:db8::7 ::1 51234 3250\r\n'), '2001:db8::7'],
    ['v1 UNKNOWN', first('PROXY UNKNOWN\r\n'), undefined],
    ['v1 UNKNOWN with more', first('PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n'), undefined],
    ['v2 TCP4', second('2111', 'cb0071090a000001c8220cb2'), '203.0.113.9'],
    ['v2 TCP4 with options', second('2111', 'cb0071090a000001c8220cb2030004a1b2c3d4'), '203.0.113.9'],
    [
      'v2 TCP6',
      second('2121', `20010db8${'0'.repeat(23)}7${'0'.repeat(31)}1c8220cb2`),
      '2001:db8:0:0:0:0:0:7',
    ],
    ['v2 LOCAL', second('2000', ''), undefined],
    ['v2 UNIX', second('2131', '00'.repeat(216)), undefined],
  ])('reads %s, and waits while it is not whole', (_, header, address) => {
    for (let bytes = 0; bytes < header.length; bytes++)
      expect(readProxyHeader(header.subarray(0, bytes))).toBeUndefined()
    const followed = Buffer.concat([header, Buffer.from('client')])
    expect(readProxyHeader(followed)).toEqual({ bytes: header.length, address })
  })

  it.each<[string, Buffer]>([
    ['a packet', Buffer.from([1, 0, 0, 2, 0x7b, 0x7d])],
    ['a TLS greeting', Buffer.from([0x16, 3, 1, 0, 0])],
    ['a line without end', first(`PROXY TCP4 ${'1'.repeat(100)}`)],
    ['an address of another family', first('PROXY TCP4 ::1 ::1 1 2\r\n')],
    ['no ports', first('PROXY TCP4 203.0.113.9 10.0.0.1\r\n')],
    ['another version', second('3111', 'cb0071090a000001c8220cb2')],
    ['addresses that are cut off', second('2111', 'cb007109')],
    ['an endless body', Buffer.concat([second('2111', '').subarray(0, 14), Buffer.from([0xff, 0xff])])],
  ])('refuses %s', (_, bytes) => {
    expect(() => readProxyHeader(bytes)).toThrow(/PROXY/)
  })

  it('answers or throws for any bytes', () => {
    const start = fc.constantFrom(Buffer.alloc(0), first('PROXY '), second('2111', '').subarray(0, 13))
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 200 }), (head, tail) => {
        const outcome = outcomeOf(() => readProxyHeader(Buffer.concat([head, tail]))?.bytes ?? 0)
        expect(outcome).toSatisfy((one) => typeof one === 'number' || /PROXY/.test(one))
      }),
    )
  })
})

/** What a function answers, or the message of what it throws. */
function outcomeOf(run: () => number): number | string {
  try {
    return run()
  } catch (error) {
    return error instanceof Error ? error.message : 'no error'
  }
}
