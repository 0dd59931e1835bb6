import { createMetrics, Readiness, silentLogger, systemClock } from '@hydra/runtime'
import { testBackends, uniqueName } from '@hydra/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMysqlDatabase, dropMysqlDatabase } from '../database/mysql-database.ts'
import { migrationStatus } from '../migrations/migrate.ts'
import { openDatabaseDrivers, openStorage, openStores } from './open-storage.ts'
import { storageConfigSchema } from './storage-config.ts'

const { mysqlUrl, redisUrl } = testBackends()

const deps = () => {
  const readiness = new Readiness({ clock: systemClock })
  readiness.started()
  const metrics = createMetrics({ service: 'test' })
  return { clock: systemClock, log: silentLogger, metrics, random: Math.random, readiness }
}
const account = { uid: 'u-1', username: 'ann', passwordHash: 'hash', createdAtMs: 1 }

interface Driver {
  readonly drivers: string
  /** The section, and how to remove what it names. */
  prepare(): Promise<{ readonly section: object; readonly remove: () => Promise<void> }>
  readonly checks: readonly string[]
}
const embedded: Driver = {
  drivers: 'sqlite and memory',
  checks: ['sqlite'],
  prepare: async () => ({
    section: { database: 'sqlite', sqliteFile: ':memory:', stores: 'memory' },
    remove: async () => {},
  }),
}
const real: readonly Driver[] =
  mysqlUrl === undefined || redisUrl === undefined
    ? []
    : [
        {
          drivers: 'mysql and redis',
          checks: ['mysql', 'redis'],
          async prepare() {
            const name = uniqueName('storage')
            const url = new URL(mysqlUrl)
            url.pathname = `/${name}`
            await createMysqlDatabase(url.href)
            return {
              section: {
                database: 'mysql',
                mysqlUrl: url.href,
                stores: 'redis',
                redisUrl,
                keyPrefix: `${name}:`,
              },
              remove: () => dropMysqlDatabase(url.href),
            }
          },
        },
      ]

describe.each([embedded, ...real])('storage on $drivers', ({ prepare, checks }) => {
  let prepared: Awaited<ReturnType<Driver['prepare']>>
  beforeEach(async () => {
    prepared = await prepare()
  })
  afterEach(() => prepared.remove())

  test('opens migrated and usable, is ready, and closes', async () => {
    const given = deps()
    const storage = await openStorage(storageConfigSchema.parse(prepared.section), given)
    await storage.accounts.create(account)
    expect(await storage.accounts.findByUid('u-1')).toMatchObject(account)
    expect(await storage.roles.listByUid('u-1')).toEqual([])
    expect(await storage.objects.get('r-1', 'settings', 'sound')).toBeUndefined()
    const { epoch } = await storage.stores.sessions.bind({ uid: 'u-1', gateId: 'g', sessionId: 's' })
    expect(epoch).toBeGreaterThan(0)
    expect(await storage.stores.sessions.release('u-1', 's')).toBe(true)
    const report = await given.readiness.report()
    expect(report.ready).toBe(true)
    expect(Object.keys(report.checks).toSorted()).toEqual(checks)
    await storage.close()
    await storage.close()
    expect((await given.readiness.report()).checks).toEqual({})
    await expect(storage.accounts.findByUid('u-1')).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
  })

  test('a service opens only what it needs', async () => {
    const config = storageConfigSchema.parse(prepared.section)
    const database = await openDatabaseDrivers(config, deps())
    const stores = await openStores(config, deps())
    expect(Object.keys(database)).not.toContain('stores')
    expect(Object.keys(stores)).not.toContain('database')
    await Promise.all([database.close(), stores.close()])
  })

  test('migrations can be left to the command', async () => {
    const config = storageConfigSchema.parse({ ...prepared.section, migrate: false })
    const { database, close } = await openDatabaseDrivers(config, deps())
    const executed = (await migrationStatus(database)).map(({ executedAt }) => executedAt)
    expect(new Set(executed)).toEqual(new Set([undefined]))
    await close()
  })
})

test('while one backend is missing the other is not held back, and stopping closes it', async () => {
  const section = {
    database: 'sqlite',
    sqliteFile: ':memory:',
    stores: 'redis',
    // Port 1 refuses connections.
    redisUrl: 'redis://127.0.0.1:1/0',
  }
  const given = deps()
  const aborting = new AbortController()
  const opening = openStorage(storageConfigSchema.parse(section), { ...given, signal: aborting.signal })
  const result = Promise.allSettled([opening])
  const checks = async () => (await given.readiness.report()).checks
  await expect.poll(checks).toMatchObject({ sqlite: 'ok', redis: expect.stringContaining('127.0.0.1:1') })
  aborting.abort(new Error('stopping'))
  expect(await result).toMatchObject([{ status: 'rejected', reason: { message: 'stopping' } }])
  expect(await checks()).toEqual({})
})
