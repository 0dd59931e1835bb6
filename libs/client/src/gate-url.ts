/** What the server list says about where a gate is reached. */
export interface ListedGate {
  readonly host: string
  readonly port: number
  /** Absent in the lists of http servers from before gates said so. */
  readonly tls?: boolean
}

/**
 * The address of a gate of the server list, for `connect`: `wss://` where it speaks TLS, else `ws://`.
 *
 * @example
 * const [gate] = (await accounts.serverList('gate')).servers
 * const client = await connect({ url: gateUrl(gate) })
 */
export function gateUrl({ host, port, tls = false }: ListedGate): string {
  const isIpv6 = host.includes(':') && !host.startsWith('[')
  return `${tls ? 'wss' : 'ws'}://${isIpv6 ? `[${host}]` : host}:${port}`
}
