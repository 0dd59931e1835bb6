import { execFile } from 'node:child_process'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findBinary, type TestServer } from '@hydra/testing'

const run = promisify(execFile)

/** The programs of docs/operations.md#backup-and-restore, as far as this machine has them. */
export const backupPrograms = {
  dump: findBinary('mariadb-dump') ?? findBinary('mysqldump'),
  client: findBinary('mariadb') ?? findBinary('mysql'),
  redisCli: findBinary('redis-cli'),
}

/** Where the two halves of a backup lie. */
export interface StoreBackup {
  readonly redisFile: string
  readonly mysqlFile: string
}

/** Backs both stores up while they are used: Redis first, then MySQL. */
export async function backUp(redisUrl: string, mysqlUrl: string, folder: string): Promise<StoreBackup> {
  const backup = { redisFile: join(folder, 'redis.rdb'), mysqlFile: join(folder, 'mysql.sql') }
  await redisCli(redisUrl, '--rdb', backup.redisFile)
  const { args, env, database } = mysqlArgs(mysqlUrl)
  await run(
    needed(backupPrograms.dump),
    [...args, '--single-transaction', '--no-tablespaces', `--result-file=${backup.mysqlFile}`, database],
    { env },
  )
  return backup
}

/** Makes the database anew, as it was in the backup. */
export async function restoreMysql(mysqlUrl: string, { mysqlFile }: StoreBackup): Promise<void> {
  const { args, env, database } = mysqlArgs(mysqlUrl)
  const anew = `drop database if exists \`${database}\`; create database \`${database}\` character set utf8mb4 collate utf8mb4_bin`
  const client = needed(backupPrograms.client)
  await run(client, [...args, `--execute=${anew}`], { env })
  await run(client, [...args, `--execute=source ${mysqlFile}`, database], { env })
}

/** Runs one statement. */
export async function inMysql(mysqlUrl: string, statement: string): Promise<void> {
  const { args, env, database } = mysqlArgs(mysqlUrl)
  await run(needed(backupPrograms.client), [...args, `--execute=${statement}`, database], { env })
}

/** Has Redis begin with the data of the backup. A server with an append-only file would not read them. */
export async function restoreRedis(redis: TestServer, { redisFile }: StoreBackup): Promise<void> {
  const [, dir = ''] = (await redisCli(redis.url, 'config', 'get', 'dir')).split('\n')
  await redis.stop()
  await copyFile(redisFile, join(dir, 'dump.rdb'))
  await redis.restart()
}

/** One command, or an option, of redis-cli. */
export async function redisCli(redisUrl: string, ...args: readonly string[]): Promise<string> {
  return (await run(needed(backupPrograms.redisCli), ['-u', redisUrl, ...args])).stdout
}

function mysqlArgs(mysqlUrl: string) {
  const url = new URL(mysqlUrl)
  return {
    args: [`--host=${url.hostname}`, `--port=${url.port}`, `--user=${url.username}`, '--protocol=tcp'],
    env: { ...process.env, MYSQL_PWD: url.password },
    database: url.pathname.slice(1),
  }
}

function needed(program: string | undefined): string {
  if (program === undefined) throw new Error('backupPrograms says which programs this machine lacks.')
  return program
}
