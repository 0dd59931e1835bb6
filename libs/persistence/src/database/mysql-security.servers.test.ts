import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger, createMetrics, systemClock } from '@hydra/runtime'
import {
  makeCertificates,
  startSecuredServers,
  type SecuredServers,
  type TestCertificates,
} from '@hydra/testing'
import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openDatabaseDrivers } from '../storage/open-storage.ts'
import { databaseConfigOf, storageConfigSchema } from '../storage/storage-config.ts'
import { mysqlTls } from './mysql-tls.ts'
import { openDatabase } from './open-database.ts'

const usersFile = join(import.meta.dirname, '../../../../data/security/mysql-users.sql')
const password = 'password-of-this-test'
let folder = ''
let certificates: TestCertificates
let secured: SecuredServers<'mysql'>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hydra-mysql-'))
  certificates = await makeCertificates(folder)
  const sqlFile = join(folder, 'users.sql')
  await writeFile(sqlFile, (await readFile(usersFile, 'utf8')).replaceAll(/change-me(-too)?/g, password))
  secured = await startSecuredServers({ mysql: { certificates, sqlFile } })
})
afterAll(async () => {
  await secured.close()
  await rm(folder, { recursive: true, force: true })
})

const urlOf = (user: string, secret = password) =>
  `mysql://${user}:${secret}@localhost:${secured.servers.mysql.port}/hydra`

const settings = (change: Record<string, unknown> = {}) =>
  storageConfigSchema.parse({
    mysqlUrl: urlOf('hydra_prod'),
    mysqlCaFile: certificates.caFile,
    mysqlCertFile: certificates.certFile,
    mysqlKeyFile: certificates.keyFile,
    ...change,
  })

/** Why the database cannot be used; empty when it can. */
async function problemOf(change: Record<string, unknown>): Promise<string> {
  const database = openDatabase(databaseConfigOf(settings(change)), { clock: systemClock })
  try {
    await database.ping()
    return ''
  } catch (error) {
    return String((error as Error).cause)
  } finally {
    await database.close()
  }
}

const openAs = (user: string, change: Record<string, unknown>, log = createLogger({ level: 'silent' })) =>
  openDatabaseDrivers(settings({ mysqlUrl: urlOf(user), ...change }), {
    clock: systemClock,
    log,
    metrics: createMetrics({ service: 'test' }),
    random: Math.random,
  })

test('of the users of data/security/mysql-users.sql one makes the tables and the other works with them', async () => {
  await (await openAs('hydra_prod_migrate', {})).close()
  const { accounts, close } = await openAs('hydra_prod', { migrate: false })
  const account = { uid: 'u-1', username: 'ann', passwordHash: 'hash', createdAtMs: 1 }
  await accounts.create(account)
  expect(await accounts.findByUid('u-1')).toMatchObject(account)
  await close()
  const ssl = mysqlTls(urlOf('hydra_prod'), certificates)
  const connection = await createConnection({ uri: urlOf('hydra_prod'), ssl })
  await expect(connection.query('drop table accounts')).rejects.toMatchObject({
    code: 'ER_TABLEACCESS_DENIED_ERROR',
  })
  await connection.end()
})

test('the authorities of files are enough to speak TLS: mysqlTls need not be said', async () => {
  expect(await problemOf({})).toBe('')
  expect(await problemOf({ mysqlTls: true })).toBe('')
})

test.each<[string, () => Record<string, unknown>, RegExp]>([
  ['an unknown authority', () => ({ mysqlCaFile: certificates.otherCaFile }), /certificate/i],
  ['the authorities of the system', () => ({ mysqlCaFile: undefined }), /certificate/i],
  ['no certificate of ours', () => ({ mysqlCertFile: undefined, mysqlKeyFile: undefined }), /access denied/i],
  [
    'no TLS',
    () => ({ mysqlCaFile: undefined, mysqlCertFile: undefined, mysqlKeyFile: undefined }),
    /insecure transport|access denied/i,
  ],
])('with %s there is no connection', async (_, change, reason) => {
  expect(await problemOf(change())).toMatch(reason)
})

test('a server with a certificate for another host is refused', async () => {
  const elsewhere = await startSecuredServers({ mysql: { certificates: certificates.elsewhere } })
  const mysqlUrl = `mysql://hydra:hydra@localhost:${elsewhere.servers.mysql.port}/hydra`
  expect(await problemOf({ mysqlUrl })).toMatch(/altnames/i)
  await elsewhere.close()
})

test('NODE_TLS_REJECT_UNAUTHORIZED=0 lets nobody in who would be refused', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  expect(await problemOf({ mysqlCaFile: certificates.otherCaFile })).toMatch(/certificate/i)
  vi.unstubAllEnvs()
})

test('an address instead of a name is refused, since no certificate can be checked for it', () => {
  const mysqlUrl = 'mysql://hydra:hydra@127.0.0.1:3306/hydra'
  const open = () => openDatabase(databaseConfigOf(settings({ mysqlUrl })), { clock: systemClock })
  expect(open).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', metadata: { path: 'storage.mysqlUrl' } }),
  )
  expect(open).toThrow('must have a name and not 127.0.0.1 as its host')
})

test('a wrong password, and what a statement was about, are in no line of the log', async () => {
  const lines: string[] = []
  const log = createLogger({ level: 'debug', write: (line) => lines.push(line) })
  const mysqlUrl = urlOf('hydra_prod', 'a-wrong-password')
  const refused = openDatabase(databaseConfigOf(settings({ mysqlUrl })), { clock: systemClock })
  log.warn({ err: await refused.ping().catch((error: unknown) => error) }, 'of this test')
  await refused.close()
  expect(lines.join('')).toContain('Access denied')

  const { accounts, close } = await openAs('hydra_prod_migrate', {}, log)
  const tooLong = { uid: 'u'.repeat(5_000), username: 'bob', passwordHash: 'the-hash-of-bob', createdAtMs: 1 }
  log.warn({ err: await accounts.create(tooLong).catch((error: unknown) => error) }, 'of this test')
  await close()
  expect(lines.join('')).toContain('refused a statement')
  expect(lines.filter((line) => /a-wrong-password|password-of-this|the-hash-of-bob/.test(line))).toEqual([])
})
