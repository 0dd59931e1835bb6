import { decodePacket, handshakeResponse, packetType, routeDictionary } from '@hydra/protocol'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHandshake, type HandshakePolicy } from './handshake.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

function shake(request: unknown, policy: Partial<HandshakePolicy> = {}) {
  const body = typeof request === 'string' ? bytes(request) : bytes(JSON.stringify(request))
  const answer = createHandshake({ heartbeatSeconds: 30, ...policy })(body)
  const packet = decodePacket(answer.packet)
  expect(packet.type).toBe(packetType.handshake)
  return { answer, json: handshakeResponse.parse(JSON.parse(new TextDecoder().decode(packet.body))) }
}

describe('handshake', () => {
  it('answers a Pitaya client: JSON bodies, no dictionary', () => {
    const sys = {
      platform: 'mac',
      libVersion: '0.3.5-release',
      clientBuildNumber: '20',
      clientVersion: '2.1',
    }
    const { answer, json } = shake({ sys, user: { age: 30 } })
    expect(answer).toMatchObject({ accepted: true, serializer: 'json', coded: false })
    expect(json).toEqual({ code: 200, sys: { heartbeat: 30, serializer: 'json' } })
  })

  it.each(['js-websocket', 'js-socket'])('gives Pomelo JavaScript (%s) the dictionary unasked', (type) => {
    const { answer, json } = shake({ sys: { type, version: '0.0.1', rsa: {} }, user: {} })
    expect(answer).toMatchObject({ accepted: true, coded: true })
    expect(json.sys?.dict).toEqual(routeDictionary)
  })

  it('lets a client decide about the dictionary', () => {
    expect(shake({ sys: { dict: true } }).answer).toMatchObject({ coded: true })
    expect(shake({ sys: { type: 'js-websocket', dict: false } }).answer).toMatchObject({ coded: false })
    expect(shake({ sys: { type: 'unity-socket' } }).answer).toMatchObject({ coded: false })
  })

  it('speaks MessagePack with those that ask for it', () => {
    const { answer, json } = shake({ sys: { serializer: 'msgpack' } })
    expect(answer).toMatchObject({ accepted: true, serializer: 'msgpack' })
    expect(json.sys).toEqual({ heartbeat: 30, serializer: 'msgpack' })
  })

  it('refuses an unknown serializer and names the known ones', () => {
    const { answer, json } = shake({ sys: { serializer: 'protobuf' } })
    expect(answer.accepted).toBe(false)
    expect(json).toEqual({
      code: 400,
      reason: 'The serializer "protobuf" is unknown; there are json and msgpack.',
    })
  })

  it.each([
    ['', 'no JSON'],
    ['{"sys":', 'no JSON'],
    ['null', 'wrong at ""'],
    ['{}', 'wrong at "sys"'],
    ['{"sys":[]}', 'wrong at "sys"'],
    [JSON.stringify({ sys: { serializer: 7 } }), 'wrong at "sys.serializer"'],
    [JSON.stringify({ sys: { version: 'x'.repeat(65) } }), 'wrong at "sys.version"'],
  ])('refuses %j with 400 and a reason', (body, reason) => {
    const { answer, json } = shake(body)
    expect(answer.accepted).toBe(false)
    expect(json.code).toBe(400)
    expect(json.reason).toContain(reason)
  })

  it('refuses bytes that are no UTF-8', () => {
    const answer = createHandshake({ heartbeatSeconds: 30 })(Uint8Array.of(0xff, 0xfe, 0x00))
    expect(answer).toMatchObject({ accepted: false, reason: 'The handshake is no JSON.' })
  })

  it.each([
    ['1.4.0', true],
    ['1.4', true],
    ['1.4.0.1', true],
    ['v2', true],
    ['1.10.0', true],
    ['1.3.9', false],
    ['0.9', false],
    ['beta', false],
    [undefined, false],
  ])('takes version %s for at least 1.4.0: %s', (version, accepted) => {
    for (const sys of [{ version }, { clientVersion: version }]) {
      const { answer, json } = shake({ sys }, { minClientVersion: '1.4.0' })
      expect([answer.accepted, json.code]).toEqual([accepted, accepted ? 200 : 501])
      const isToldWhy = json.reason?.includes('1.4.0 or newer is needed') ?? false
      expect(isToldWhy).toBe(!accepted)
    }
  })

  it('looks at the version of the game before that of the client library', () => {
    const sys = { clientVersion: '1.0', version: '2.0' }
    expect(shake({ sys }, { minClientVersion: '1.4.0' }).json.code).toBe(501)
  })

  it.each([
    ['2.0', true],
    ['1.9.9', true],
    [undefined, true],
    ['2.0.1', false],
  ])('takes version %s for at most 2.0: %s', (clientVersion, accepted) => {
    const { json } = shake({ sys: { clientVersion } }, { maxClientVersion: '2.0' })
    expect(json.code).toBe(accepted ? 200 : 400)
  })

  it.each([
    [{ platform: 'ios' }, true],
    [{ type: 'android' }, true],
    [{ platform: 'web', type: 'ios' }, false],
    [{}, false],
  ])('takes %j for ios or android: %s', (sys, accepted) => {
    const { json } = shake({ sys }, { platforms: ['ios', 'android'] })
    expect(json.code).toBe(accepted ? 200 : 400)
  })

  it("asks rules of one's own, in order, with what the client has said", () => {
    const asked: string[] = []
    const validators: HandshakePolicy['validators'] = [
      () => void asked.push('first'),
      ({ user }) => {
        asked.push('second')
        return user?.['invitation'] === 'beta' ? undefined : { code: 403, reason: 'By invitation only.' }
      },
      () => void asked.push('third'),
    ]
    expect(shake({ sys: {} }, { validators }).json).toEqual({ code: 403, reason: 'By invitation only.' })
    expect(asked).toEqual(['first', 'second'])
    const { answer } = shake({ sys: {}, user: { invitation: 'beta' } }, { validators })
    expect(answer).toMatchObject({ accepted: true, request: { user: { invitation: 'beta' } } })
  })

  it('compresses for those that can read it', () => {
    expect(shake({ sys: { compress: true } }).answer).toMatchObject({ compressed: true })
    expect(shake({ sys: {} }).answer).toMatchObject({ compressed: false })
  })

  it('answers anything at all', () => {
    const handshake = createHandshake({ heartbeatSeconds: 30, minClientVersion: '1.0' })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.json().map(bytes)), (body) => {
        const { code } = handshakeResponse.parse(
          JSON.parse(new TextDecoder().decode(decodePacket(handshake(body).packet).body)),
        )
        expect([200, 400, 501]).toContain(code)
      }),
    )
  })
})
