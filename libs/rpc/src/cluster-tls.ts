import { isNamed, type TlsFiles } from '@hydra/runtime'
import type { ClusterConfig } from './cluster-config.ts'

/** The files that a configuration names for NATS or etcd. */
export const tlsFilesOf = (config: ClusterConfig, backend: 'nats' | 'etcd'): TlsFiles => ({
  caFile: config[`${backend}CaFile`],
  certFile: config[`${backend}CertFile`],
  keyFile: config[`${backend}KeyFile`],
})

/** Whether NATS is spoken to by TLS. Of etcd each address says it, unless there are files. */
export const natsWantsTls = (config: ClusterConfig): boolean =>
  config.natsTls || isNamed(tlsFilesOf(config, 'nats'))

/** The host of an address such as `nats://[::1]:4222` or `host:port`, without brackets. */
export const hostOf = (address: string): string =>
  address
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/(:\d+)?\/?$/, '')
    .replace(/^\[(.*)\]$/, '$1')
