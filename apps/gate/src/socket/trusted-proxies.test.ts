import { describe, expect, it } from 'vitest'
import { isNetwork, TrustedProxies } from './trusted-proxies.ts'

describe('TrustedProxies', () => {
  const proxies = new TrustedProxies(['10.0.0.0/8', '2001:db8:1::/48', '192.0.2.7'])

  it.each([
    ['a stranger is believed nothing', '203.0.113.9', '6.6.6.6', '203.0.113.9'],
    ['a proxy is believed whom it heard', '10.1.2.3', '203.0.113.9', '203.0.113.9'],
    ['what the client wrote itself is not', '10.1.2.3', '6.6.6.6, 203.0.113.9', '203.0.113.9'],
    ['proxies in a row', '10.1.2.3', '203.0.113.9, 192.0.2.7 ,10.9.9.9', '203.0.113.9'],
    ['over IPv6', '2001:db8:1::5', '2001:0DB8:2::9', '2001:db8:2::9'],
    ['an IPv4 address inside IPv6', '10.1.2.3', '::ffff:203.0.113.9', '203.0.113.9'],
    ['no header', '10.1.2.3', '', '10.1.2.3'],
    ['no address in it', '10.1.2.3', '203.0.113.9, unknown', '10.1.2.3'],
    ['only proxies', '10.1.2.3', '10.0.0.9', '10.0.0.9'],
  ])('%s', (_, peer, forwardedFor, client) => {
    expect(proxies.clientOf(peer, forwardedFor)).toBe(client)
  })

  it('believes nobody when there are none', () => {
    expect(new TrustedProxies([]).clientOf('127.0.0.1', '6.6.6.6')).toBe('127.0.0.1')
  })
})

it.each([
  ['10.0.0.0/8', true],
  ['10.0.0.1', true],
  ['::1', true],
  ['2001:db8::/32', true],
  ['10.0.0.0/33', false],
  ['10.0.0.0/', false],
  ['10.0.0.0/8/8', false],
  ['::/129', false],
  ['localhost', false],
  ['', false],
])('%s is a network: %s', (text, expected) => {
  expect(isNetwork(text)).toBe(expected)
})
