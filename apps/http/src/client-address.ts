import { BlockList, isIP } from 'node:net'
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'

/** Whom to believe about where a request came from. */
export interface ProxyConfig {
  /** Header that a reverse proxy appends the client's address to; empty: there is none. */
  readonly proxyHeader: string
  /** Addresses or networks (`10.0.0.0/8`) of the proxies; the header of anybody else is ignored. */
  readonly trustedProxies: readonly string[]
}

/** Answers the address that a request is counted under. */
export type ClientAddress = (context: Context) => string

/**
 * The client's address: that of the connection, or, behind a trusted proxy, the last one in its header (earlier ones
 * are what the client claims). Of an IPv6 address only the first 64 bits count, since one host has all of the rest.
 *
 * @example createClientAddress({ proxyHeader: 'x-forwarded-for', trustedProxies: ['10.0.0.0/8'] })
 */
export function createClientAddress({ proxyHeader, trustedProxies }: ProxyConfig): ClientAddress {
  const trusted = listOf(trustedProxies)
  return (context) => {
    const remote = remoteOf(context)
    if (proxyHeader !== '' && isTrusted(trusted, remote)) {
      const claimed = plain(context.req.header(proxyHeader)?.split(',').at(-1)?.trim() ?? '')
      if (isIP(claimed) !== 0) return network(claimed)
    }
    return network(remote)
  }
}

/**
 * What a connection is counted under: as {@link createClientAddress} counts requests without a header; `undefined` for
 * trusted proxies, over which many clients come.
 *
 * @example createConnectionAddress(['10.0.0.0/8'])('10.1.2.3') // undefined
 */
export function createConnectionAddress(
  trustedProxies: readonly string[],
): (remoteAddress: string) => string | undefined {
  const trusted = listOf(trustedProxies)
  return (remoteAddress) => {
    const remote = plain(remoteAddress)
    return isTrusted(trusted, remote) ? undefined : network(remote)
  }
}

/**
 * Whether a request comes from one of these proxies, so that what its headers say about more than itself is believed.
 *
 * @example createProxyTrust(['10.0.0.0/8'])
 */
export function createProxyTrust(trustedProxies: readonly string[]): (context: Context) => boolean {
  const trusted = listOf(trustedProxies)
  return (context) => isTrusted(trusted, remoteOf(context))
}

/** Whether a text is an address or a network that {@link createClientAddress} takes. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const each of networks) addNetwork(list, each)
  return list
}

/** The address at the other end of the connection; empty where there is no socket. */
const remoteOf = (context: Context): string =>
  plain((context.env as Partial<HttpBindings> | undefined)?.incoming?.socket.remoteAddress ?? '')

function addNetwork(list: BlockList, text: string): void {
  const [address = '', bits] = text.split('/')
  const family = familyOf(address)
  if (bits === undefined) list.addAddress(address, family)
  else list.addSubnet(address, Number(bits), family)
}

const isTrusted = (list: BlockList, address: string): boolean =>
  isIP(address) !== 0 && list.check(address, familyOf(address))

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** IPv4 seen through an IPv6 socket is IPv4; zones (`%eth0`) say nothing about the client. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')

function network(address: string): string {
  if (isIP(address) !== 6) return address
  const [head = '', tail] = address.toLowerCase().split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const missing = tail === undefined ? 0 : 8 - left.length - right.length
  const groups = [...left, ...Array.from({ length: Math.max(0, missing) }, () => '0'), ...right]
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')
}
