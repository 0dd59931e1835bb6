import { BlockList, isIP } from 'node:net'
import { normalizeAddress } from './remote-address.ts'

/** An address, or a network such as `10.0.0.0/8`. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}

/** The proxies whose word about a client's address is taken. Nobody's when there are none. */
export class TrustedProxies {
  readonly #networks = new BlockList()

  /** Addresses and networks, see {@link isNetwork}. */
  constructor(networks: readonly string[]) {
    for (const network of networks) {
      const [address = '', bits] = network.split('/')
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
      if (bits === undefined) this.#networks.addAddress(address, family)
      else this.#networks.addSubnet(address, Number(bits), family)
    }
  }

  has(address: string): boolean {
    const version = isIP(address)
    return version !== 0 && this.#networks.check(address, version === 6 ? 'ipv6' : 'ipv4')
  }

  /**
   * The client's address, of an `x-forwarded-for` in which each proxy has added whom it heard: the last one that is no
   * trusted proxy. A client can write what it likes, but only to the left of that.
   *
   * @example new TrustedProxies(['10.0.0.0/8']).clientOf('10.0.0.1', '6.6.6.6, 203.0.113.9') // '203.0.113.9'
   */
  clientOf(peer: string, forwardedFor: string): string {
    let client = peer
    for (const named of forwardedFor.split(',').toReversed()) {
      if (!this.has(client)) break
      const address = normalizeAddress(named.trim())
      if (isIP(address) === 0) break
      client = address
    }
    return client
  }
}
