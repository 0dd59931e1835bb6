import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A certificate and its key. */
export interface CertificateFiles {
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
}

/** What a test has in PEM files. */
export interface TestCertificates extends CertificateFiles {
  /** Another authority, which has signed nothing. */
  readonly otherCaFile: string
  /** A certificate of the same authority for the host `elsewhere.example`. */
  readonly elsewhere: CertificateFiles
}

/**
 * An authority of this test, and a certificate of it for `localhost` and 127.0.0.1 that is good for both sides of a
 * connection; made by `openssl`, which must be there.
 *
 * @param folder is made if it is absent
 * @throws Error of `node:child_process` when openssl is missing or fails
 * @example const { caFile, certFile, keyFile } = await makeCertificates(join(folder, 'certificates'))
 */
export const makeCertificates = async (folder: string): Promise<TestCertificates> => {
  await mkdir(folder, { recursive: true })
  const path = (name: string) => join(folder, name)
  const openssl = (...args: readonly string[]) => promisify(execFile)('openssl', args, { cwd: folder })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  for (const name of ['ca', 'other-ca']) {
    const files = ['-keyout', `${name}-key.pem`, '-out', `${name}.pem`]
    await openssl('req', '-x509', ...newKey, '-days', '2', ...files, '-subj', `/CN=${name}`)
  }
  const issue = async (name: string, names: string): Promise<CertificateFiles> => {
    const files = ['-keyout', `${name}-key.pem`, '-out', `${name}-request.pem`]
    await openssl('req', ...newKey, ...files, '-subj', `/CN=${name}`)
    const extensions = `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`
    await writeFile(path(`${name}-names.txt`), extensions)
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-CAcreateserial', '-days', '2']
    const request = ['-in', `${name}-request.pem`, '-extfile', `${name}-names.txt`]
    await openssl('x509', '-req', ...request, ...by, '-out', `${name}.pem`)
    return { caFile: path('ca.pem'), certFile: path(`${name}.pem`), keyFile: path(`${name}-key.pem`) }
  }
  const own = await issue('server', 'DNS:localhost,IP:127.0.0.1')
  const elsewhere = await issue('elsewhere', 'DNS:elsewhere.example')
  return { ...own, otherCaFile: path('other-ca.pem'), elsewhere }
}
