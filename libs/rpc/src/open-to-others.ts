import { isLoopback, type ProductionFinding } from '@hydra/runtime'
import type { ClusterConfig } from './cluster-config.ts'

/**
 * What a connection leaves open to others on the network: NATS and etcd on other machines without a password or
 * certificate, or without TLS. Warned of and not refused: a network of one's own may be enough, and only its owner knows.
 */
export function openToOthers(config: ClusterConfig): readonly ProductionFinding[] {
  if (config.driver === 'memory') return []
  const natsFiles = [config.natsCaFile, config.natsCertFile, config.natsKeyFile]
  const etcdFiles = [config.etcdCaFile, config.etcdCertFile, config.etcdKeyFile]
  return [
    ...findings('nats', {
      isRemote: config.natsServers.some(isRemote),
      knowsUs: [config.natsUser, config.natsToken, config.natsCertFile].some(isSet),
      isEncrypted: config.natsTls || natsFiles.some(isSet),
    }),
    ...findings('etcd', {
      isRemote: config.etcdHosts.some(isRemote),
      knowsUs: [config.etcdUser, config.etcdCertFile].some(isSet),
      isEncrypted: etcdFiles.some(isSet) || config.etcdHosts.every((host) => host.startsWith('https://')),
    }),
  ]
}

function findings(
  backend: 'nats' | 'etcd',
  { isRemote: remote, knowsUs, isEncrypted }: Record<'isRemote' | 'knowsUs' | 'isEncrypted', boolean>,
): readonly ProductionFinding[] {
  if (!remote) return []
  const name = backend === 'nats' ? 'NATS' : 'etcd'
  return [
    ...(knowsUs
      ? []
      : [
          {
            key: `${backend}User`,
            problem: `${name} is on another machine and is shown no password or certificate: whoever reaches it can act as any server.`,
          },
        ]),
    ...(isEncrypted
      ? []
      : [
          {
            key: backend === 'nats' ? 'natsTls' : 'etcdHosts',
            problem: `${name} is on another machine and is reached without TLS: whoever is on the network between reads and changes everything.`,
          },
        ]),
  ]
}

const isSet = (value: unknown): boolean => value !== undefined

/** Whether an address such as `nats://[::1]:4222` or `host:port` is of another machine. */
const isRemote = (address: string): boolean =>
  !isLoopback(address.replace(/^[a-z]+:\/\//i, '').replace(/(:\d+)?\/?$/, ''))
