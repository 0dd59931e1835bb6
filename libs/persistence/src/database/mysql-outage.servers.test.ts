import { systemClock } from '@hydra/runtime'
import { eventually, startServers, type ServerSet } from '@hydra/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate } from '../migrations/migrate.ts'
import { createAccounts } from '../repositories/sql-accounts.ts'
import type { Database } from './database.ts'
import { createMysqlDatabase } from './mysql-database.ts'
import { openDatabase } from './open-database.ts'

let servers: ServerSet<'mysql'>
let url: URL
const opened: Database[] = []

const open = (options: { readonly queryTimeoutMs?: number; readonly waitingMax?: number } = {}): Database => {
  const database = openDatabase(
    { kind: 'mysql', url: url.href, connectionsMax: 2, connectTimeoutMs: 1_000, ...options },
    { clock: systemClock },
  )
  opened.push(database)
  return database
}

beforeAll(async () => {
  servers = await startServers({ which: ['mysql'] })
  url = new URL(servers.mysql.url)
  url.pathname = '/outage'
  await createMysqlDatabase(url.href)
  await migrate(open())
}, 60_000)
afterAll(async () => {
  await Promise.all(opened.map((database) => database.close()))
  await servers.close()
})

test('a server that dies and comes back is used again', async () => {
  const database = open()
  const accounts = createAccounts(database)
  await accounts.findByUid('u-1')
  await servers.mysql.kill()
  await expect(accounts.findByUid('u-1')).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
  await expect(database.ping()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
  await servers.mysql.restart()
  await eventually(async () => (await database.ping()) === undefined)
  expect(await accounts.findByUid('u-1')).toBeUndefined()
})

test('a server that hangs is given up, and its connections with it', async () => {
  const database = open({ queryTimeoutMs: 200 })
  const accounts = createAccounts(database)
  await Promise.all([1, 2, 3].map(() => accounts.findByUid('u-1')))
  await servers.mysql.pause()
  const hanging = await Promise.allSettled([1, 2, 3, 4].map(() => accounts.findByUid('u-1')))
  for (const result of hanging) {
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'STORAGE_UNAVAILABLE' } })
  }
  servers.mysql.resume()
  await eventually(async () => (await database.ping()) === undefined)
  expect(await Promise.all([1, 2, 3, 4].map(() => accounts.findByUid('u-1')))).toHaveLength(4)
})

test('closing does not wait for a server that hangs', async () => {
  const database = open()
  await database.ping()
  await servers.mysql.pause()
  const pinging = Promise.allSettled([database.ping()])
  await database.close()
  expect(await pinging).toMatchObject([{ status: 'rejected', reason: { code: 'STORAGE_UNAVAILABLE' } }])
  servers.mysql.resume()
})

test('more queries than may wait are refused at once', async () => {
  const database = open({ waitingMax: 3 })
  const accounts = createAccounts(database)
  await database.ping()
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => accounts.findByUid('u-1')))
  const codes = results.flatMap((result) =>
    result.status === 'rejected' ? [String(result.reason.code)] : [],
  )
  expect(codes).toEqual(Array.from({ length: 15 }, () => 'SERVER_BUSY'))
  await database.ping()
})
