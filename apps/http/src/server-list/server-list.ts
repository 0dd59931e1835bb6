import { HydraError, type ServerList } from '@hydra/protocol'

/** What a registry record says that clients may know. */
export interface ListedServer {
  readonly id: string
  readonly type: string
  readonly zone: string
  readonly host: string
  readonly port?: number
  readonly state: 'ready' | 'draining'
  /** A gate notes whether clients reach it by TLS, `tls: 'true'` or `'false'`; those of former releases do not. */
  readonly metadata: Readonly<Record<string, string>>
}

/** Types that clients connect to; the addresses of the others are nobody's business outside. */
const publicTypes = ['gate'] as const

/** The type that a query names, if clients may know about it. @throws HydraError `BAD_REQUEST`. */
export function publicType(serverType: string): (typeof publicTypes)[number] {
  const found = publicTypes.find((type) => type === serverType)
  if (found !== undefined) return found
  const expectation = `expected one of ${publicTypes.map((type) => `"${type}"`).join(', ')}`
  throw new HydraError('BAD_REQUEST', `GET /serverList: "serverType" is wrong: ${expectation}`, {
    metadata: { path: 'serverType', expectation },
  })
}

/** Those a new client can connect to: with a port, and not draining. */
export function listServers(servers: readonly ListedServer[]): ServerList {
  return {
    servers: servers.flatMap(({ id, type, zone, host, port, state, metadata }) =>
      state === 'ready' && port !== undefined ? [{ id, type, zone, host, port, ...tlsOf(metadata) }] : [],
    ),
  }
}

/** Nothing where the record does not say: only the client can know then how the cluster is reached. */
const tlsOf = ({ tls }: ListedServer['metadata']): { readonly tls?: boolean } =>
  tls === undefined ? {} : { tls: tls === 'true' }
