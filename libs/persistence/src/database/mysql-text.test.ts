import { testBackends, uniqueName } from '@hydra/testing'
import { CompiledQuery } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabases, type TestDatabase } from '../test-support/test-databases.ts'
import { mysqlText } from './mysql-text.ts'
import { sqlOf, type Sql } from './sql.ts'

test.each([
  ['plain', `'plain'`],
  [`Ann's "tea"`, String.raw`'Ann\'s "tea"'`],
  [String.raw`a\b`, String.raw`'a\\b'`],
  ['', `''`],
])('%s', (text, literal) => {
  expect(mysqlText(text)).toBe(literal)
})

const mysql = testDatabases({ ...testBackends(), uniqueName }).filter(({ kind }) => kind === 'mysql')

describe.each(mysql)('on $kind', ({ create }) => {
  let database: TestDatabase
  let sql: Sql
  beforeAll(async () => {
    database = await create()
    sql = sqlOf(database.open())
  })
  afterAll(() => database.drop())

  const read = async (...texts: readonly string[]): Promise<readonly unknown[]> => {
    const query = `select ${texts.map((text, index) => `${mysqlText(text)} as c${index}`).join(', ')}`
    const { rows } = await sql.run((db) => db.executeQuery(CompiledQuery.raw(query)))
    return Object.values(rows[0] ?? {})
  }

  test('every character below U+0100 comes back, alone and beside those that are escaped', async () => {
    for (let code = 0; code < 0x100; code++) {
      const character = String.fromCharCode(code)
      const texts = [character, `\\${character}`, `${character}\\`, `'${character}'`, `x${character}\\'`]
      expect(await read(...texts)).toEqual(texts)
    }
  })

  test('what looks like the end of a literal or a placeholder stays text', async () => {
    const texts = [
      `'; drop table roles; -- `,
      `\\'; select 1`,
      `\\\\'`,
      '?',
      ':name',
      '%_',
      '安😀',
      '/* */ #',
    ]
    expect(await read(...texts)).toEqual(texts)
  })
})
