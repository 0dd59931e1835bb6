import { readFile } from 'node:fs/promises'
import { HydraError } from '@hydra/protocol'

/** Where the certificates for one backend are, as the configuration names them. */
export interface TlsFiles {
  /** Authorities that the server's certificate must come from; those of the system when absent. */
  readonly caFile?: string | undefined
  /** What this process shows of itself, if the server asks for it; with its key. */
  readonly certFile?: string | undefined
  readonly keyFile?: string | undefined
}

/** Certificates in PEM, read once: a process that is to use new ones is restarted, as after any change of its settings. */
export interface TlsMaterial {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/**
 * Reads the certificates for a backend.
 *
 * @throws HydraError `CONFIG_INVALID` naming key and path when a file cannot be read or holds no PEM, and when a
 * certificate comes without its key.
 * @example await readTlsFiles('nats', { caFile: '/etc/hydra/ca.pem' })
 */
export async function readTlsFiles(backend: 'nats' | 'etcd', files: TlsFiles): Promise<TlsMaterial> {
  if ((files.certFile === undefined) !== (files.keyFile === undefined)) {
    throw invalid(`cluster.${backend}CertFile`, 'and its key file are only of use together', undefined)
  }
  const [ca, cert, key] = await Promise.all([
    readPem(`cluster.${backend}CaFile`, files.caFile),
    readPem(`cluster.${backend}CertFile`, files.certFile),
    readPem(`cluster.${backend}KeyFile`, files.keyFile),
  ])
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}

async function readPem(name: string, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw invalid(name, `names ${path}, which cannot be read`, cause)
  }
  if (text.includes('-----BEGIN ')) return text
  throw invalid(name, `names ${path}, which holds no PEM`, undefined)
}

const invalid = (name: string, problem: string, cause: unknown) =>
  new HydraError('CONFIG_INVALID', `"${name}" ${problem}.`, { cause, metadata: { path: name } })
