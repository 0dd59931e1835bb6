import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMetrics, systemClock } from '@hydra/runtime'
import { testBackends, uniqueName } from '@hydra/testing'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrate } from '../migrations/migrate.ts'
import { createAccounts } from '../repositories/sql-accounts.ts'
import { testDatabases, type TestDatabase } from '../test-support/test-databases.ts'
import { openDatabase } from './open-database.ts'
import { sqlOf } from './sql.ts'

const account = { uid: 'u-1', username: 'ann', passwordHash: 'hash', createdAtMs: 1 }

describe.each(testDatabases({ ...testBackends(), uniqueName }))('a database on $kind', ({ kind, create }) => {
  let empty: TestDatabase
  beforeEach(async () => {
    empty = await create()
  })
  afterEach(() => empty.drop())

  test('answers, says where it is without its password, and closes once', async () => {
    const database = empty.open()
    await database.ping()
    expect(database.kind).toBe(kind)
    expect(database.address).toMatch(new RegExp(`^${kind} `))
    expect(database.address).not.toContain('@')
    await Promise.all([database.close(), database.close()])
    await expect(database.ping()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    await expect(createAccounts(database).findByUid('u-1')).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    })
  })

  test('closing lets what is under way come to its end', async () => {
    const database = empty.open()
    await migrate(database)
    const accounts = createAccounts(database)
    const finding = accounts.findByUid('u-1')
    await database.close()
    expect(await finding).toBeUndefined()
  })

  test('large integers are numbers', async () => {
    const database = empty.open()
    await migrate(database)
    const accounts = createAccounts(database)
    await accounts.create({ ...account, createdAtMs: Number.MAX_SAFE_INTEGER })
    expect(await accounts.findByUid('u-1')).toMatchObject({
      createdAtMs: Number.MAX_SAFE_INTEGER,
      bannedUntilMs: 0,
    })
  })

  test('a transaction that fails leaves nothing behind, and the connection usable', async () => {
    const database = empty.open()
    await migrate(database)
    const sides = sqlOf(database)
    const work = sides.transact(async (db) => {
      await db.deleteFrom('accounts').execute()
      await sql`select no_such_column from accounts`.execute(db)
    })
    const results = await Promise.allSettled([work, createAccounts(database).create(account)])
    expect(results).toMatchObject([
      { status: 'rejected', reason: { code: 'INTERNAL' } },
      { status: 'fulfilled' },
    ])
    expect(await createAccounts(database).findByUid('u-1')).toMatchObject(account)
  })

  test('queries are counted and timed', async () => {
    const metrics = createMetrics({ service: 'test' })
    const database = openDatabase(empty.config, { clock: systemClock, metrics })
    await database.ping()
    await database.close()
    expect(await metrics.expose()).toMatch(/^hydra_database_operation_seconds_count\{.*\} 1$/m)
    expect(await metrics.expose()).toMatch(/^hydra_database_in_flight\{.*\} 0$/m)
  })
})

describe('SQLite', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hydra-sqlite-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  test('a file that cannot be opened is named', () => {
    expect(() => openDatabase({ kind: 'sqlite', file: folder }, { clock: systemClock })).toThrowError(
      expect.objectContaining({ code: 'STORAGE_UNAVAILABLE', message: expect.stringContaining(folder) }),
    )
  })

  test('while another connection holds the lock, a write waits and the process goes on', async () => {
    const file = join(folder, 'hydra.db')
    const open = () => openDatabase({ kind: 'sqlite', file }, { clock: systemClock })
    const [one, two] = [open(), open()]
    await migrate(one)
    let release = (): void => {}
    const holding = sqlOf(one).transact(async () => {
      await new Promise<void>((resolve) => {
        release = resolve
      })
    })
    const writes = Promise.allSettled([
      createAccounts(two).create(account),
      createAccounts(two).create({ ...account, uid: 'u-2' }),
    ])
    // If the writes blocked the event loop, they would give up before this could be reached.
    await new Promise((resolve) => setImmediate(resolve))
    release()
    await holding
    expect(await writes).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'USERNAME_TAKEN' } },
    ])
    await Promise.all([one.close(), two.close()])
  })
})

test('only what openDatabase made is a database', () => {
  const fake = { kind: 'sqlite' as const, address: '', ping: async () => {}, close: async () => {} }
  expect(() => createAccounts(fake)).toThrow(TypeError)
})
