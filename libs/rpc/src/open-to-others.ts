import { isLoopback, isNamed, type ProductionFinding } from '@hydra/runtime'
import type { ClusterConfig } from './cluster-config.ts'
import { hostOf, natsWantsTls, tlsFilesOf } from './cluster-tls.ts'

/**
 * What a connection leaves open to others on the network: NATS and etcd on other machines without a password or
 * certificate, or without TLS. Warned of and not refused: a network of one's own may be enough, and only its owner knows.
 */
export function openToOthers(config: ClusterConfig): readonly ProductionFinding[] {
  if (config.driver === 'memory') return []
  return [
    ...findings('nats', {
      isRemote: config.natsServers.some(isRemote),
      knowsUs: [config.natsUser, config.natsToken, config.natsCertFile].some(isSet),
      isEncrypted: natsWantsTls(config),
    }),
    ...findings('etcd', {
      isRemote: config.etcdHosts.some(isRemote),
      knowsUs: [config.etcdUser, config.etcdCertFile].some(isSet),
      isEncrypted:
        isNamed(tlsFilesOf(config, 'etcd')) || config.etcdHosts.every((host) => host.startsWith('https://')),
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

const isRemote = (address: string): boolean => !isLoopback(hostOf(address))
