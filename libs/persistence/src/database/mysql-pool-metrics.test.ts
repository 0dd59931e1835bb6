import { createMetrics, systemClock } from '@hydra/runtime'
import { eventually, testBackends } from '@hydra/testing'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { openDatabase } from './open-database.ts'
import { sqlOf } from './sql.ts'

const { mysqlUrl = '' } = testBackends()

describe.skipIf(mysqlUrl === '')('the pool of MySQL', () => {
  it('shows connections in use and queries that wait, also of what fails', async () => {
    const metrics = createMetrics({ service: 'test' })
    const database = openDatabase(
      {
        kind: 'mysql',
        url: mysqlUrl,
        connectionsMax: 2,
        waitingMax: 100,
        connectTimeoutMs: 5_000,
        queryTimeoutMs: 5_000,
      },
      { clock: systemClock, metrics },
    )
    const poolOf = async () => {
      const text = await metrics.expose()
      const valueOf = (name: string) => Number(new RegExp(`^${name}\\{.*\\} (.*)$`, 'm').exec(text)?.[1])
      return [
        valueOf('hydra_mysql_pool_used_connections'),
        valueOf('hydra_mysql_pool_waiting_queries'),
        valueOf('hydra_mysql_pool_max_connections'),
      ]
    }
    const side = sqlOf(database)
    const sleep = () => side.run(async (db) => void (await sql`select sleep(0.5)`.execute(db)))
    expect(await poolOf()).toEqual([0, 0, 2])
    const running = [sleep(), sleep(), sleep()]
    await eventually(async () => String(await poolOf()) === '2,1,2')
    await Promise.all(running)
    await expect(
      side.run(async (db) => void (await sql`select no_such_column`.execute(db))),
    ).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(await poolOf()).toEqual([0, 0, 2])
    await database.close()
  })
})
