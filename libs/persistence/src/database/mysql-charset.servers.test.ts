import { systemClock } from '@hydra/runtime'
import { startServers, type ServerSet } from '@hydra/testing'
import { createPool } from 'mysql2/promise'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrate } from '../migrations/migrate.ts'
import { createRoles } from '../repositories/sql-roles.ts'
import { openDatabase } from './open-database.ts'

let servers: ServerSet<'mysql'>
beforeAll(async () => {
  servers = await startServers({ which: ['mysql'] })
}, 60_000)
afterAll(() => servers.close())

test('a server that tells its connections another character set and other modes changes no literal', async () => {
  const root = createPool(servers.mysql.url)
  await root.query('create database charset character set utf8mb4 collate utf8mb4_bin')
  await root.query("create user plain@'%' identified by 'secret'")
  await root.query('grant all on charset.* to plain')
  await root.query("set global init_connect = 'set names gbk'")
  await root.query("set global sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'")
  await root.end()

  const url = new URL(servers.mysql.url)
  // An administrator's connections are not told.
  Object.assign(url, { username: 'plain', password: 'secret', pathname: '/charset' })
  const database = openDatabase({ kind: 'mysql', url: url.href }, { clock: systemClock })
  await migrate(database)
  const roles = createRoles(database, { clock: systemClock })
  // In GBK the last byte of the first character and the backslash of the escape are one character.
  const text = "安',1),(0x6576696c,0x75,0x6576696c,99,1,1,1,0x7b7d,1) -- "
  const role = { rid: 'r', uid: 'u', name: '安', level: 1, epoch: 1, version: 1, schema: 1, data: { text } }
  await roles.saveAll([role])
  expect(await roles.find('r')).toEqual(role)
  expect(await roles.find('evil')).toBeUndefined()
  await database.close()
})
