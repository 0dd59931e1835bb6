import { describe, expect, test } from 'vitest'
import { handshakeRequest, handshakeResponse, kickBody } from './handshake.ts'

describe('handshake requests of real clients', () => {
  test.each([
    ['Pomelo for browsers', { sys: { type: 'js-websocket', version: '0.0.1', rsa: {} }, user: {} }],
    ['libpomelo', { sys: { type: 'c', version: '0.1.6' }, user: { name: 'x' } }],
    [
      'libpitaya',
      {
        sys: {
          platform: 'mac',
          libVersion: '0.3.5-release',
          clientBuildNumber: '20',
          clientVersion: '2.1',
          serializer: 'json',
        },
        user: { age: 30 },
      },
    ],
    ['ours', { sys: { type: 'hydra-js', version: '0.1.0', serializer: 'msgpack', dict: true } }],
  ])('%s', (_, request) => {
    expect(handshakeRequest.safeParse(request).success).toBe(true)
  })

  test.each([
    ['nothing', null],
    ['a text', 'hello'],
    ['no sys', { user: {} }],
    ['a version that is a number', { sys: { version: 1 } }],
    ['a serializer of 65 characters', { sys: { serializer: 'x'.repeat(65) } }],
    ['a user that is a list', { sys: {}, user: [] }],
  ])('refuses %s', (_, request) => {
    expect(handshakeRequest.safeParse(request).success).toBe(false)
  })
})

test('answers: success as Pitaya sends it, refusal as Pomelo sends it', () => {
  const accepted = { code: 200, sys: { heartbeat: 30, dict: { 'a.b.c': 1 }, serializer: 'json' } }
  expect(handshakeResponse.parse(accepted)).toEqual(accepted)
  expect(handshakeResponse.parse({ code: 501 })).toEqual({ code: 501 })
  expect(handshakeResponse.safeParse({ code: 200, sys: { heartbeat: -1, serializer: 'json' } }).success).toBe(
    false,
  )
})

test('a kick names code and reason', () => {
  expect(kickBody.parse({ code: 'IDLE', reason: 'silent', more: 1 })).toEqual({
    code: 'IDLE',
    reason: 'silent',
  })
  expect(kickBody.safeParse({ reason: 'silent' }).success).toBe(false)
})
