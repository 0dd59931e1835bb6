import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@hydra/runtime'
import type { Database, DatabaseKind } from '../database/database.ts'
import { createMysqlDatabase, dropMysqlDatabase } from '../database/mysql-database.ts'
import { openDatabase, type DatabaseConfig } from '../database/open-database.ts'

/** An empty database of its own, removed after the test. */
export interface TestDatabase {
  readonly config: DatabaseConfig
  /** One more connection, or pool, to it; closed by {@link drop}. */
  open(): Database
  drop(): Promise<void>
}

/** A kind of database that tests run on. */
export interface TestDatabaseKind {
  readonly kind: DatabaseKind
  create(): Promise<TestDatabase>
}

/** SQLite, and MySQL when there is a server. */
export function testDatabases(options: {
  readonly mysqlUrl?: string
  readonly uniqueName: (prefix: string) => string
}): readonly TestDatabaseKind[] {
  const { mysqlUrl, uniqueName } = options
  const sqlite: TestDatabaseKind = { kind: 'sqlite', create: createSqlite }
  if (mysqlUrl === undefined) return [sqlite]
  return [sqlite, { kind: 'mysql', create: () => createMysql(mysqlUrl, uniqueName('persistence')) }]
}

async function createSqlite(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'hydra-sqlite-'))
  return testDatabase({ kind: 'sqlite', file: join(folder, 'nested', 'hydra.db') }, () =>
    rm(folder, { recursive: true }),
  )
}

async function createMysql(serverUrl: string, name: string): Promise<TestDatabase> {
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  await createMysqlDatabase(url.href)
  return testDatabase({ kind: 'mysql', url: url.href, connectionsMax: 4 }, () => dropMysqlDatabase(url.href))
}

function testDatabase(config: DatabaseConfig, remove: () => Promise<void>): TestDatabase {
  const opened: Database[] = []
  return {
    config,
    open() {
      const database = openDatabase(config, { clock: systemClock })
      opened.push(database)
      return database
    },
    async drop() {
      await Promise.all(opened.map((database) => database.close()))
      await remove()
    },
  }
}
