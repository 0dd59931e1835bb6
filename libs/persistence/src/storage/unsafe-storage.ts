import { isLoopback, type ProductionFinding } from '@hydra/runtime'
import type { StorageConfig } from './storage-config.ts'
import { mysqlTlsOf } from './storage-tls.ts'

/**
 * What production mode says about storage. A database that asks for no password is refused, because every account is in
 * it; the rest is warned of, because a network of one's own may be enough, and only its owner knows.
 */
export function unsafeStorage(config: StorageConfig): readonly ProductionFinding[] {
  return [
    ...(config.database === 'mysql' ? mysqlFindings(config) : []),
    ...(config.stores === 'redis' ? redisFindings(config) : []),
  ]
}

function mysqlFindings(config: StorageConfig): readonly ProductionFinding[] {
  const { hostname, password } = new URL(config.mysqlUrl)
  const isPlain = mysqlTlsOf(config) === undefined
  return [
    ...(password === '' && config.mysqlCertFile === undefined
      ? [
          {
            key: 'mysqlUrl',
            problem: 'it has no password, and no mysqlCertFile stands in for one.',
            refused: true,
          },
        ]
      : []),
    ...(isPlain && !isLoopback(hostname)
      ? [
          {
            key: 'mysqlTls',
            problem:
              'MySQL is on another machine and is reached without TLS: whoever is on the network between reads and changes everything.',
          },
        ]
      : []),
  ]
}

function redisFindings({ redisUrl, redisCertFile }: StorageConfig): readonly ProductionFinding[] {
  const { hostname, password, protocol } = new URL(redisUrl)
  if (isLoopback(hostname)) return []
  return [
    ...(password === '' && redisCertFile === undefined
      ? [
          {
            key: 'redisUrl',
            problem:
              'Redis is on another machine and is shown no password or certificate: whoever reaches it reads and changes what players own.',
          },
        ]
      : []),
    ...(protocol === 'redis:'
      ? [
          {
            key: 'redisUrl',
            problem:
              'Redis is on another machine and is reached without TLS: whoever is on the network between reads and changes everything.',
          },
        ]
      : []),
  ]
}
