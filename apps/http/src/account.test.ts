import { accountToken, type ErrorBody } from '@hydra/protocol'
import { createSessionTokens } from '@hydra/runtime'
import { createMysqlDatabase, dropMysqlDatabase } from '@hydra/persistence'
import { testBackends, uniqueName } from '@hydra/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { deriveScrypt, type Derive } from './account/password.ts'
import { createTestApp, openTestStorage, testConfig, type TestAppOptions } from './app.fixture.ts'

const { mysqlUrl } = testBackends()
const databases = [
  { name: 'SQLite', create: async () => ({ section: undefined, drop: async () => {} }) },
  ...(mysqlUrl === undefined ? [] : [{ name: 'MariaDB', create: () => createMysql(mysqlUrl) }]),
]

async function createMysql(serverUrl: string) {
  const url = new URL(serverUrl)
  url.pathname = `/${uniqueName('http')}`
  await createMysqlDatabase(url.href)
  const section = { database: 'mysql', mysqlUrl: url.href }
  return { section, drop: () => dropMysqlDatabase(url.href) }
}

describe.each(databases)('accounts on $name', ({ create }) => {
  let storage: Awaited<ReturnType<typeof openTestStorage>>
  let drop: () => Promise<void>
  const apps: { stop(): Promise<void> }[] = []
  beforeAll(async () => {
    const created = await create()
    storage = await openTestStorage(created.section)
    drop = created.drop
  })
  afterEach(async () => {
    for (const app of apps.splice(0)) await app.stop()
  })
  afterAll(async () => {
    await storage.close()
    await drop()
  })
  const start = async (options: Omit<TestAppOptions, 'storage'> = {}) => {
    const made = createTestApp({ storage, ...options })
    apps.push(made.app)
    await made.start()
    return made
  }
  let count = 0
  const newName = (): string => `Player_${++count}`
  const password = 'correct horse'
  const errorOf = async (response: Response): Promise<ErrorBody> => (await response.json()) as ErrorBody

  test('register and login answer a token of the same account that a gate accepts', async () => {
    const { post, clock } = await start()
    const username = newName()
    const registered = await post('/account/register', { username, password })
    expect([registered.status, registered.headers.get('cache-control')]).toEqual([200, 'no-store'])
    const first = accountToken.parse(await registered.json())
    clock.advance(5_000)
    const loggedIn = await post('/account/login', { username: username.toUpperCase(), password })
    const second = accountToken.parse(await loggedIn.json())
    expect(second.uid).toBe(first.uid)
    expect(second.expiresAtMs).toBe(first.expiresAtMs + 5_000)
    const tokens = createSessionTokens({ ...testConfig().token, clock })
    for (const { uid, token } of [first, second]) expect(await tokens.verify(token)).toMatchObject({ uid })
  })

  test('one account has one name, whatever its case', async () => {
    const { post, work } = await start()
    const username = newName()
    await post('/account/register', { username, password })
    work.length = 0
    const again = await post('/account/register', { username: username.toLowerCase(), password })
    expect([again.status, await errorOf(again)]).toMatchObject([409, { code: 'USERNAME_TAKEN' }])
    expect(work).toEqual([])
  })

  test('of two who register one name at once, one gets it and can log in', async () => {
    // Both have found the name free before either stores it: hashing waits for the other.
    let arrived = 0
    let letBothGo = (): void => {}
    const both = new Promise<void>((resolve) => (letBothGo = resolve))
    const derive: Derive = async (...args) => {
      if (++arrived === 2) letBothGo()
      await both
      return deriveScrypt(...args)
    }
    const { post } = await start({ derive })
    const username = newName()
    const bodies = ['first password', 'second password'].map((text) => ({ username, password: text }))
    const answers = await Promise.all(bodies.map((body) => post('/account/register', body)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
    const loser = answers.find(({ status }) => status === 409)
    expect(loser && (await errorOf(loser))).toMatchObject({ code: 'USERNAME_TAKEN', metadata: { username } })
    const logins = await Promise.all(bodies.map((body) => post('/account/login', body)))
    expect(logins.map(({ status }) => status)).toEqual(
      answers.map(({ status }) => (status === 200 ? 200 : 401)),
    )
  })

  test('a wrong password and an unknown name get the same answer for the same work', async () => {
    const { post, work } = await start()
    const username = newName()
    await post('/account/register', { username, password })
    const observe = async (body: object) => {
      work.length = 0
      const response = await post('/account/login', body)
      const { date: _, ...headers } = Object.fromEntries(response.headers)
      return { status: response.status, headers, text: await response.text(), work: [...work] }
    }
    const wrong = await observe({ username, password: 'wrong password' })
    const unknown = await observe({ username: newName(), password: 'wrong password' })
    expect(unknown).toEqual(wrong)
    expect(wrong.work).toHaveLength(1)
    expect(wrong).toMatchObject({ status: 401, text: expect.stringContaining('CREDENTIALS_WRONG') })
  })

  test('a login after the cost was raised stores a stronger hash', async () => {
    const username = newName()
    const before = await start()
    await before.post('/account/register', { username, password })
    const after = await start({ sections: { password: { parallelism: 2 } } })
    const workOfLogin = async () => {
      after.work.length = 0
      const response = await after.post('/account/login', { username, password })
      return [response.status, after.work.map(({ parallelism }) => parallelism)]
    }
    expect(await workOfLogin()).toEqual([200, [1, 2]])
    expect(await workOfLogin()).toEqual([200, [2]])
    const stored = await storage.accounts.findByUsername(username)
    expect(stored?.passwordHash).toContain('p=2')
  })

  test('a defect is answered without its details and logged once under the id that the answer has', async () => {
    const { post, lines } = await start()
    const username = newName()
    const account = { uid: `broken-${username}`, username, passwordHash: 'hunter2', createdAtMs: 0 }
    await storage.accounts.create(account)
    const response = await post('/account/login', { username, password })
    const body = await errorOf(response)
    expect([response.status, body]).toMatchObject([500, { code: 'INTERNAL' }])
    expect(body.msg).not.toContain('hash')
    const logged = lines.filter(({ traceId }) => traceId === body.metadata?.['traceId'])
    expect(logged).toHaveLength(1)
    expect(JSON.stringify(logged)).toContain('unknown form')
    expect(JSON.stringify(lines)).not.toContain('hunter2')
  })

  test('never logs a password or a token', async () => {
    const { post, lines } = await start()
    const username = newName()
    const { token } = accountToken.parse(
      await (await post('/account/register', { username, password })).json(),
    )
    await post('/account/login', { username, password: 'wrong password' })
    const text = JSON.stringify(lines)
    for (const secret of [password, 'wrong password', token]) expect(text).not.toContain(secret)
  })
})
