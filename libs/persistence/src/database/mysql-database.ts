import { createConnection } from 'mysql2/promise'
import { toHydraError } from './sql-error.ts'

/**
 * Makes the database that a url names, if it is not there: for a first set-up and for tests.
 *
 * @param url `mysql://user:password@host:port/name`, of a user who may create databases
 * @throws HydraError `STORAGE_UNAVAILABLE`
 * @example await createMysqlDatabase('mysql://root@127.0.0.1:3306/hydra')
 */
export const createMysqlDatabase = (url: string): Promise<void> =>
  runOnServer(
    url,
    (name) => `create database if not exists ${name} character set utf8mb4 collate utf8mb4_bin`,
  )

/** Removes the database that a url names with everything in it. @throws HydraError `STORAGE_UNAVAILABLE`. */
export const dropMysqlDatabase = (url: string): Promise<void> =>
  runOnServer(url, (name) => `drop database if exists ${name}`)

async function runOnServer(url: string, statement: (name: string) => string): Promise<void> {
  const server = new URL(url)
  const name = decodeURIComponent(server.pathname.slice(1))
  if (name === '') throw new TypeError(`There is no database name in the url of ${server.host}.`)
  server.pathname = '/'
  try {
    const connection = await createConnection({ uri: server.href, connectTimeout: 5_000 })
    try {
      await connection.query(statement(`\`${name.replaceAll('`', '``')}\``))
    } finally {
      await connection.end()
    }
  } catch (error) {
    throw toHydraError(error, `mysql ${server.host}`)
  }
}
