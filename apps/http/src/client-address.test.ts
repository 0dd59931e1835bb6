import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { createClientAddress, createConnectionAddress, isNetwork } from './client-address.ts'

async function ask(
  config: { proxyHeader?: string; trustedProxies?: readonly string[] },
  remoteAddress: string | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const clientAddress = createClientAddress({
    proxyHeader: '',
    trustedProxies: ['127.0.0.1', '::1'],
    ...config,
  })
  const app = new Hono().get('/', (context) => context.text(clientAddress(context)))
  const response = await app.request('/', { headers }, { incoming: { socket: { remoteAddress } } })
  return response.text()
}
const proxied = { proxyHeader: 'x-forwarded-for' }

describe('client address', () => {
  test('is that of the connection', async () => {
    expect(await ask({}, '1.2.3.4')).toBe('1.2.3.4')
    expect(await ask({}, '::ffff:1.2.3.4')).toBe('1.2.3.4')
    expect(await ask({}, undefined)).toBe('')
  })

  test('of IPv6 is the network that one host has', async () => {
    expect(await ask({}, '2001:DB8:0:1:2:3:4:5')).toBe('2001:db8:0:1')
    expect(await ask({}, '2001:db8:0:1::9')).toBe('2001:db8:0:1')
    expect(await ask({}, '2001:db8::1')).toBe('2001:db8:0:0')
    expect(await ask({}, '::1')).toBe('0:0:0:0')
    expect(await ask({}, 'fe80::1%eth0')).toBe('fe80:0:0:0')
  })

  test('ignores headers unless a proxy is configured', async () => {
    expect(await ask({}, '127.0.0.1', { 'x-forwarded-for': '9.9.9.9' })).toBe('127.0.0.1')
  })

  test('is the last one that a trusted proxy has added', async () => {
    expect(await ask(proxied, '127.0.0.1', { 'x-forwarded-for': '6.6.6.6, 9.9.9.9' })).toBe('9.9.9.9')
    const network = { ...proxied, trustedProxies: ['10.0.0.0/8', 'fd00::/8'] }
    expect(await ask(network, '10.1.2.3', { 'x-forwarded-for': '9.9.9.9' })).toBe('9.9.9.9')
    expect(await ask(network, 'fd00::1', { 'x-forwarded-for': '9.9.9.9' })).toBe('9.9.9.9')
  })

  test('ignores the header of anybody else, and one that holds no address', async () => {
    expect(await ask(proxied, '5.5.5.5', { 'x-forwarded-for': '9.9.9.9' })).toBe('5.5.5.5')
    expect(await ask(proxied, '127.0.0.1', { 'x-forwarded-for': '9.9.9.9, unknown' })).toBe('127.0.0.1')
    expect(await ask(proxied, '127.0.0.1')).toBe('127.0.0.1')
  })
})

test('isNetwork knows addresses and networks', () => {
  for (const text of ['10.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8']) expect(isNetwork(text)).toBe(true)
  for (const text of ['', 'proxy', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', 'fd00::/129']) {
    expect(isNetwork(text)).toBe(false)
  }
})

test('connections are counted by address, those of trusted proxies not at all', () => {
  const addressOf = createConnectionAddress(['127.0.0.1', '10.0.0.0/8'])
  expect(['10.1.2.3', '::ffff:127.0.0.1'].map(addressOf)).toEqual([undefined, undefined])
  expect(addressOf('::ffff:192.0.2.7')).toBe('192.0.2.7')
  expect(addressOf('2001:db8:1:2:3::4')).toBe(addressOf('2001:db8:1:2:ffff::'))
})
