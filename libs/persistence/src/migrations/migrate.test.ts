import { systemClock } from '@hydra/runtime'
import { testBackends, uniqueName } from '@hydra/testing'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sqlOf } from '../database/sql.ts'
import { createAccounts } from '../repositories/sql-accounts.ts'
import { createRoles } from '../repositories/sql-roles.ts'
import { testDatabases, type TestDatabase } from '../test-support/test-databases.ts'
import { migrations } from './index.ts'
import { migrate, migrationStatus } from './migrate.ts'

const steps = Object.keys(migrations)
const account = { uid: 'u-1', username: 'ann', passwordHash: 'hash', createdAtMs: 1 }

test('steps are named so that their order is the order of their names', () => {
  expect(steps).toEqual(steps.toSorted())
  for (const [index, name] of steps.entries()) {
    expect(name).toMatch(/^\d{4}-[a-z0-9-]+$/)
    expect(Number.parseInt(name, 10)).toBe(index + 1)
  }
})

describe.each(testDatabases({ ...testBackends(), uniqueName }))('migrations on $kind', ({ create }) => {
  let empty: TestDatabase
  beforeEach(async () => {
    empty = await create()
  })
  afterEach(() => empty.drop())

  test('up, down and up again', async () => {
    const database = empty.open()
    expect((await migrationStatus(database)).map(({ executedAt }) => executedAt)).toEqual(
      steps.map(() => undefined),
    )
    expect(await migrate(database)).toEqual(steps)
    expect(await migrate(database)).toEqual([])
    expect(await migrationStatus(database)).toEqual(
      steps.map((name) => ({ name, executedAt: expect.any(Date) })),
    )
    await createAccounts(database).create(account)

    expect(await migrate(database, { to: 'none' })).toEqual(steps.toReversed())
    const tables = await sqlOf(database).db.introspection.getTables()
    expect(tables.map(({ name }) => name).filter((name) => !name.startsWith('kysely_'))).toEqual([])

    expect(await migrate(database)).toEqual(steps)
    expect(await createAccounts(database).findByUid('u-1')).toBeUndefined()
  })

  test('tables of a later release are refused with what to do, and not as if the database were away', async () => {
    const database = empty.open()
    await migrate(database)
    await sql`insert into kysely_migration values ('9999-later', '2030-01-01T00:00:00Z')`.execute(
      sqlOf(database).db,
    )
    await expect(migrate(database)).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringMatching(/of a later release; set \[storage\] migrate = false/) as string,
    })
  })

  test('of rows from before owners were noted, only the journal can tell whether they are complete', async () => {
    const database = empty.open()
    await migrate(database)
    const { db } = sqlOf(database)
    const roles = createRoles(database, { clock: systemClock })
    const role = { rid: 'r', uid: 'u', name: 'r', level: 1, epoch: 0, version: 0, schema: 1, data: {} }
    await roles.create(role, { maxPerAccount: 1 })
    // As it was before that step.
    await sql`delete from kysely_migration where name >= '0002'`.execute(db)
    await migrate(database)
    const claim = { owner: 'game-1', epoch: 1, isGone: () => true }
    await expect(roles.takeOverSaved('r', claim)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    expect(await roles.owners()).toEqual([])
    expect(await roles.takeOver('r', claim, undefined)).toEqual({ ...role, epoch: 1 })
    expect(await roles.owners()).toEqual(['game-1'])
  })

  test('of several processes that start at once, one runs each step and all go on when it is done', async () => {
    const databases = Array.from({ length: 4 }, () => empty.open())
    const ran = await Promise.all(
      databases.map(async (database) => {
        const own = await migrate(database)
        await createAccounts(database).findByUid('u-1')
        return own
      }),
    )
    expect(ran.flat()).toEqual(steps)
  })

  test('a step that was cut off half-way can run again', async () => {
    const database = empty.open()
    await migrate(database)
    const { db } = sqlOf(database)
    for (const table of ['role_names', 'storage_objects', 'chat_messages'])
      await db.schema.dropTable(table).execute()
    await db.deleteFrom('kysely_migration' as never).execute()
    expect(await migrate(database)).toEqual(steps)
    expect(await migrate(database, { to: 'none' })).toEqual(steps.toReversed())
  })
})
