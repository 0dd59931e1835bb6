import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSelfSigned } from './self-signed.fixture.ts'
import { readTlsFiles, type TlsFiles } from './tls-files.ts'

let folder = ''
let files: { readonly caFile: string; readonly certFile: string; readonly keyFile: string }
let otherKeyFile = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hydra-pem-'))
  const own = await makeSelfSigned(folder, 'own')
  files = { ...own, caFile: own.certFile }
  otherKeyFile = (await makeSelfSigned(folder, 'other')).keyFile
  await writeFile(join(folder, 'text.txt'), 'no PEM')
  await writeFile(
    join(folder, 'broken.pem'),
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  )
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('gives what is named and nothing else', () => {
  expect(Object.keys(readTlsFiles('a.b', {}))).toEqual([])
  expect(Object.keys(readTlsFiles('a.b', { caFile: files.caFile }))).toEqual(['ca'])
  expect(Object.keys(readTlsFiles('a.b', files))).toEqual(['ca', 'cert', 'key'])
})

test.each<[string, () => TlsFiles, string]>([
  ['that is not there', () => ({ caFile: join(folder, 'nowhere.pem') }), 'cluster.natsCaFile'],
  ['that holds no PEM', () => ({ caFile: join(folder, 'text.txt') }), 'cluster.natsCaFile'],
  ['that is broken', () => ({ caFile: join(folder, 'broken.pem') }), 'cluster.natsCaFile'],
  ['without its key', () => ({ certFile: files.certFile }), 'cluster.natsCertFile'],
  ['with the key of another', () => ({ ...files, keyFile: otherKeyFile }), 'cluster.natsKeyFile'],
])('a file %s is named', (_, bad, key) => {
  expect(() => readTlsFiles('cluster.nats', bad())).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', metadata: { path: key } }),
  )
})
