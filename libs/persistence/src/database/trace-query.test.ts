import { MemoryTracer, systemClock, withSpan } from '@hydra/runtime'
import { expect, test } from 'vitest'
import { migrate } from '../migrations/migrate.ts'
import { createAccounts } from '../repositories/sql-accounts.ts'
import { openDatabase } from './open-database.ts'
import { summaryOf } from './trace-query.ts'

test.each([
  ['select `rid` from `roles` where `rid` = ?', 'SELECT', 'roles'],
  ["insert into roles (`rid`) values ('from secret'), ('b')", 'INSERT', 'roles'],
  ['update "roles" set "owner" = ?', 'UPDATE', 'roles'],
  ['delete from "role_names" where "rid" = ?', 'DELETE', 'role_names'],
  ['(select 1 from `a`) union (select 2 from `b`)', 'SELECT', 'a'],
  ['begin', 'BEGIN', undefined],
  [`select 1 ${' '.repeat(300)} from secrets`, 'SELECT', undefined],
  ['', 'QUERY', undefined],
])('of "%s" only operation and table are told', (sql, operation, table) => {
  expect(summaryOf(sql)).toEqual({ operation, table })
})

test('statements are spans below whoever asks, without what is in them', async () => {
  const tracer = new MemoryTracer()
  const database = openDatabase({ kind: 'sqlite', file: ':memory:' }, { clock: systemClock })
  try {
    await migrate(database)
    const accounts = createAccounts(database)
    const account = { uid: 'u-1', username: 'Ada', passwordHash: 'hash', createdAtMs: 1 }
    await accounts.create(account)
    const asked = tracer.begin('request')
    await withSpan(asked, () => accounts.findByUsername('Ada'))
    // A name that is taken is an answer and no failure of the database.
    await expect(withSpan(asked, () => accounts.create({ ...account, uid: 'u-2' }))).rejects.toMatchObject({
      code: 'USERNAME_TAKEN',
    })
    expect(tracer.lines()).toEqual(['request', 'request > SELECT accounts', 'request > INSERT accounts'])
    expect(tracer.spans.slice(1)).toMatchObject([
      {
        kind: 'client',
        code: 'OK',
        attributes: {
          'db.system.name': 'sqlite',
          'db.operation.name': 'SELECT',
          'db.collection.name': 'accounts',
        },
      },
      { kind: 'client', code: 'OK' },
    ])
    expect(JSON.stringify(tracer.spans)).not.toMatch(/Ada|hash/)
  } finally {
    await database.close()
  }
})
