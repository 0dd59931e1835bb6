import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger, createMetrics, ManualClock, systemClock, type TlsMaterial } from '@hydra/runtime'
import {
  eventually,
  makeCertificates,
  startSecuredServers,
  uniqueName,
  type SecuredServers,
  type TestCertificates,
} from '@hydra/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { redisTlsOf } from '../storage/storage-tls.ts'
import type { TestStores } from '../test-support/test-stores.ts'
import { allianceViewsContract } from './alliance-views.contract.ts'
import { chatLogContract } from './chat-log.contract.ts'
import { chatMarkersContract } from './chat-markers.contract.ts'
import { chatTeamsContract } from './chat-teams.contract.ts'
import { createRedisStores } from './create-redis-stores.ts'
import { presenceStoreContract } from './presence-store.contract.ts'
import { RedisLink } from './redis-link.ts'
import { roleJournalContract } from './role-journal.contract.ts'
import { sessionStoreContract } from './session-store.contract.ts'
import type { StoreLimits } from './stores.ts'
import { teamsContract } from './teams.contract.ts'

const usersFile = join(import.meta.dirname, '../../../../data/security/redis-users.acl')
const password = 'password-of-this-test'
let folder = ''
let certificates: TestCertificates
let secured: SecuredServers<'redis'>
const lines: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hydra-redis-'))
  certificates = await makeCertificates(folder)
  const users = (await readFile(usersFile, 'utf8')).replaceAll('change-me', password)
  const aclFile = join(folder, 'users.acl')
  await writeFile(aclFile, `${users}user admin on >${password} ~* &* +@all\n`)
  secured = await startSecuredServers({ redis: { certificates, aclFile } })
})
afterAll(async () => {
  await secured.close()
  await rm(folder, { recursive: true, force: true })
})

afterEach(() => {
  vi.unstubAllEnvs()
})

const urlOf = (user: string, secret = password) =>
  `rediss://${user}:${secret}@localhost:${secured.servers.redis.port}/0`

function openLink(redisUrl: string, change: Partial<TestCertificates> = {}): RedisLink {
  const { caFile, certFile, keyFile } = { ...certificates, ...change }
  const tls: TlsMaterial | undefined = redisTlsOf({
    redisUrl,
    redisCaFile: caFile,
    redisCertFile: certFile,
    redisKeyFile: keyFile,
  })
  return new RedisLink(
    {
      url: redisUrl,
      tls,
      connectTimeoutMs: 2_000,
      commandTimeoutMs: 5_000,
      retryMinMs: 10,
      retryMaxMs: 100,
    },
    {
      clock: systemClock,
      log: createLogger({ level: 'debug', write: (line) => lines.push(line) }),
      metrics: createMetrics({ service: 'test' }),
      random: Math.random,
    },
  )
}

/** Stores of the user of data/security; only the looking and clearing of the tests needs more. */
async function open(limits: StoreLimits = {}): Promise<TestStores> {
  const clock = new ManualClock()
  const prefix = `hydra:prod:${uniqueName('acl')}:`
  const [admin, first] = [openLink(urlOf('admin')), openLink(urlOf('hydra'))]
  const links = [admin, first]
  await Promise.all(links.map((link) => link.ping()))
  const keys = () => admin.run((redis) => redis.keys(`${prefix}*`))
  const clear = async () => {
    const found = await keys()
    if (found.length > 0) await admin.run((redis) => redis.del(found))
  }
  const stores = createRedisStores(first, prefix, { clock }, limits)
  return {
    stores,
    clock,
    async another() {
      const link = openLink(urlOf('hydra'))
      links.push(link)
      await link.ping()
      return createRedisStores(link, prefix, { clock }, limits)
    },
    async lose() {
      await clear()
      return stores
    },
    count: async () => (await keys()).length,
    async close() {
      await clear()
      await Promise.all(links.map((link) => link.close()))
    },
  }
}

describe('as the user of data/security/redis-users.acl, over TLS,', () => {
  describe('the session store', () => {
    sessionStoreContract(() => open())
  })
  describe('the role journal', () => {
    roleJournalContract(() => open())
  })
  describe('the chat log', () => {
    chatLogContract(open)
  })
  describe('the chat markers', () => {
    chatMarkersContract(open)
  })
  describe('the chat teams', () => {
    chatTeamsContract(() => open())
  })
  describe('the presence store', () => {
    presenceStoreContract(open)
  })
  describe('the alliance views', () => {
    allianceViewsContract(open)
  })
  describe('the teams', () => {
    teamsContract(() => open())
  })
})

test('that user reads no keys of others and gives no orders', async () => {
  const link = openLink(urlOf('hydra'))
  await link.ping()
  const refused = expect.objectContaining({
    cause: expect.objectContaining({ message: expect.stringContaining('NOPERM') }),
  })
  await expect(link.run((redis) => redis.get('hydra:other:session:u'))).rejects.toEqual(refused)
  await expect(link.run((redis) => redis.config('GET', 'requirepass'))).rejects.toEqual(refused)
  await expect(link.run((redis) => redis.flushall())).rejects.toEqual(refused)
  await expect(link.run((redis) => redis.keys('*'))).rejects.toEqual(refused)
  await link.close()
})

const problemOf = async (link: RedisLink): Promise<string> => {
  let problem = ''
  await eventually(async () => {
    problem = await link.ping().then(
      () => 'connected',
      (error: unknown) => String((error as Error).cause),
    )
    return problem !== ''
  })
  await link.close()
  return problem
}

test('a server whose certificate is of another authority, or for another host, is refused', async () => {
  expect(await problemOf(openLink(urlOf('hydra'), { caFile: certificates.otherCaFile }))).toMatch(
    /certificate/i,
  )
  const elsewhere = await startSecuredServers({ redis: { certificates: certificates.elsewhere } })
  const { port } = elsewhere.servers.redis
  expect(await problemOf(openLink(`rediss://localhost:${port}/0`))).toMatch(/altnames/i)
  await elsewhere.close()
})

test('NODE_TLS_REJECT_UNAUTHORIZED=0 lets nobody in who would be refused', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  expect(await problemOf(openLink(urlOf('hydra'), { caFile: certificates.otherCaFile }))).toMatch(
    /certificate/i,
  )
  const none = { caFile: undefined, certFile: undefined, keyFile: undefined }
  expect(await problemOf(openLink(urlOf('hydra'), none as never))).toMatch(/certificate/i)
})

test('without a certificate of its own nobody is let in', async () => {
  const plain = openLink(urlOf('hydra'), { certFile: undefined, keyFile: undefined } as never)
  expect(await problemOf(plain)).not.toBe('connected')
})

test('a wrong password is in no error and no line of the log', async () => {
  const wrong = 'a-wrong-password'
  const link = openLink(urlOf('hydra', wrong))
  const log = createLogger({ level: 'info', write: (line) => lines.push(line) })
  await eventually(async () => {
    const error: unknown = await link.ping().catch((thrown: unknown) => thrown)
    log.warn({ err: error }, 'of this test')
    return lines.some((line) => line.includes('WRONGPASS'))
  })
  await link.close()
  expect(lines.filter((line) => line.includes(wrong) || line.includes(password))).toEqual([])
})

test('certificates for a Redis without TLS are a mistake that is named', () => {
  expect(() => openLink('redis://127.0.0.1:6379/0')).toThrow('"storage.redisUrl" must begin with rediss://')
})
