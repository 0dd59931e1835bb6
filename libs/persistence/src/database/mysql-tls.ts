import { isIP } from 'node:net'
import { HydraError } from '@hydra/protocol'
import { readTlsFiles, type TlsFiles } from '@hydra/runtime'
import type { SslOptions } from 'mysql2'

/**
 * TLS in the words of mysql2: the server's certificate must come from a known authority and be made for the host of the
 * URL. Without being told so, mysql2 does not look at the name.
 *
 * @throws HydraError `CONFIG_INVALID` when a file cannot be used, and when the host is an address: mysql2 has no way to
 * check a certificate for one.
 */
export function mysqlTls(url: string, files: TlsFiles): SslOptions {
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')
  if (isIP(host) !== 0) {
    throw new HydraError(
      'CONFIG_INVALID',
      `"storage.mysqlUrl" must have a name and not ${host} as its host: the certificate of MySQL is checked for that name.`,
      { metadata: { path: 'storage.mysqlUrl' } },
    )
  }
  return {
    ...readTlsFiles('storage.mysql', files),
    rejectUnauthorized: true,
    verifyIdentity: true,
    minVersion: 'TLSv1.2',
  }
}
