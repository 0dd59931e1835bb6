import { HydraError } from '@hydra/protocol'
import { isNamed, readTlsFiles, type TlsFiles, type TlsMaterial } from '@hydra/runtime'
import type { StorageConfig } from './storage-config.ts'

/** The keys for MySQL; `undefined` where plain connections are wanted. */
export function mysqlTlsOf(
  config: Pick<StorageConfig, 'mysqlTls' | 'mysqlCaFile' | 'mysqlCertFile' | 'mysqlKeyFile'>,
): TlsFiles | undefined {
  const files = { caFile: config.mysqlCaFile, certFile: config.mysqlCertFile, keyFile: config.mysqlKeyFile }
  return config.mysqlTls || isNamed(files) ? files : undefined
}

/**
 * The certificates for Redis; `undefined` where there is nothing to add to what the URL says.
 *
 * @throws HydraError `CONFIG_INVALID` when a file cannot be used, and when there are files but no TLS.
 */
export function redisTlsOf(
  config: Pick<StorageConfig, 'redisUrl' | 'redisCaFile' | 'redisCertFile' | 'redisKeyFile'>,
): TlsMaterial | undefined {
  const files = { caFile: config.redisCaFile, certFile: config.redisCertFile, keyFile: config.redisKeyFile }
  if (!isNamed(files)) return undefined
  if (new URL(config.redisUrl).protocol === 'rediss:') return readTlsFiles('storage.redis', files)
  throw new HydraError(
    'CONFIG_INVALID',
    '"storage.redisUrl" must begin with rediss:// where there are certificates for Redis: redis:// does not speak TLS.',
    { metadata: { path: 'storage.redisUrl' } },
  )
}
