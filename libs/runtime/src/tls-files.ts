import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { HydraError } from '@hydra/protocol'

/** Where the certificates for one connection or server are, as the configuration names them. */
export interface TlsFiles {
  /** Authorities that the other side's certificate must come from; those of the system when absent. */
  readonly caFile?: string | undefined
  /** What this process shows of itself; with its key. */
  readonly certFile?: string | undefined
  readonly keyFile?: string | undefined
}

/** Certificates in PEM, read once: a process that is to use new ones is restarted, as after any change of its settings. */
export interface TlsMaterial {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** Whether any file is named: whoever names one wants TLS. @example isNamed({ caFile: 'ca.pem' }) // true */
export const isNamed = (files: TlsFiles): boolean => Object.values(files).some((path) => path !== undefined)

/**
 * Reads certificates, and sees that they can be used.
 *
 * @param prefix how the keys begin: `cluster.nats` stands for `cluster.natsCaFile`, `cluster.natsCertFile` and
 * `cluster.natsKeyFile`
 * @throws HydraError `CONFIG_INVALID` naming key and path when a file cannot be read or holds no usable PEM, and when a
 * certificate comes without its key.
 * @example readTlsFiles('cluster.nats', { caFile: '/etc/hydra/ca.pem' })
 */
export function readTlsFiles(prefix: string, files: TlsFiles): TlsMaterial {
  const { caFile, certFile, keyFile } = files
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw invalid(`${prefix}CertFile`, 'and its key file are only of use together', undefined)
  }
  const ca = readPem(`${prefix}CaFile`, caFile)
  const cert = readPem(`${prefix}CertFile`, certFile)
  const key = readPem(`${prefix}KeyFile`, keyFile)
  if (ca !== undefined) {
    // Node.js leaves out what is no certificate without a word.
    const check = () => certificatesIn(ca).map((text) => new X509Certificate(text))
    orInvalid(`${prefix}CaFile`, `names ${caFile}, in which not all is a certificate`, check)
  }
  if (cert !== undefined && key !== undefined) {
    const check = () => createSecureContext({ cert, key })
    orInvalid(`${prefix}KeyFile`, `names ${keyFile}, which is not a usable key of ${certFile}`, check)
  }
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}

function readPem(name: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw invalid(name, `names ${path}, which cannot be read`, cause)
  }
  if (text.includes('-----BEGIN ')) return text
  throw invalid(name, `names ${path}, which holds no PEM`, undefined)
}

const certificatesIn = (pem: string): readonly string[] =>
  pem.split(/(?=-----BEGIN )/).filter((part) => part.startsWith('-----BEGIN '))

/** Here the message names the file; where a connection fails for it later, nothing would. */
function orInvalid(name: string, problem: string, check: () => unknown): void {
  try {
    check()
  } catch (cause) {
    throw invalid(name, problem, cause)
  }
}

const invalid = (name: string, problem: string, cause: unknown) =>
  new HydraError('CONFIG_INVALID', `"${name}" ${problem}.`, { cause, metadata: { path: name } })
