/** What the server list says about where a gate is reached. */
export interface ListedGate {
  readonly host: string
  readonly port: number
  /** Absent where gate or http server are of a release from before gates said so. */
  readonly tls?: boolean
}

/**
 * The address of a gate of the server list, for `connect`: `wss://` where it speaks TLS, `ws://` where it does not or the
 * list does not say.
 *
 * @example
 * const [gate] = (await accounts.serverList('gate')).servers
 * const client = await connect({ url: gateUrl(gate) })
 * @example
 * // Of a cluster that players reach by TLS, while it is upgraded from a release whose gates do not say so:
 * gateUrl({ tls: true, ...gate })
 */
export function gateUrl({ host, port, tls = false }: ListedGate): string {
  const isIpv6 = host.includes(':') && !host.startsWith('[')
  return `${tls ? 'wss' : 'ws'}://${isIpv6 ? `[${host}]` : host}:${port}`
}
