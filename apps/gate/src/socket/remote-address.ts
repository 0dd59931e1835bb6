import { isIP, isIPv6 } from 'node:net'

/**
 * One spelling for each address: IPv4 inside IPv6 becomes IPv4, IPv6 its canonical form.
 *
 * @example normalizeAddress('0000:0000:0000:0000:0000:ffff:7f00:0001') // '127.0.0.1'
 */
export function normalizeAddress(text: string): string {
  if (!isIPv6(text)) return text
  // The URL parser writes the canonical form of RFC 5952.
  const canonical = new URL(`http://[${text.split('%', 1)[0] ?? text}]`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical)
  if (mapped === null) return canonical
  const [high, low] = [Number.parseInt(mapped[1] ?? '', 16), Number.parseInt(mapped[2] ?? '', 16)]
  return [high >>> 8, high & 0xff, low >>> 8, low & 0xff].join('.')
}

/**
 * Who shares a limit per address: an IPv4 address, or the /64 of an IPv6 address, which is what one customer has.
 *
 * @example addressGroup('2001:db8::7') // '2001:db8:0:0::/64'
 */
export function addressGroup(address: string): string {
  if (isIP(address) !== 6) return address
  const [head = '', tail] = address.split('::', 2)
  const left = head === '' ? [] : head.split(':')
  if (tail === undefined) return `${left.slice(0, 4).join(':')}::/64`
  const right = tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0')
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`
}
