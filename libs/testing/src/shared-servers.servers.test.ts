import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startReaper, type Reaper } from './reaper/reaper.ts'
import { startSharedServers, type SharedServers } from './shared-servers.ts'

describe('shared servers', () => {
  const given = {
    ...process.env,
    HYDRA_TEST_NATS_URL: 'nats://elsewhere:4222',
    HYDRA_TEST_ETCD_URL: 'http://elsewhere',
  }
  let reaper: Reaper
  let servers: SharedServers

  beforeAll(async () => {
    reaper = await startReaper()
    servers = await startSharedServers(reaper, {
      ...given,
      HYDRA_TEST_MYSQL_URL: '',
      HYDRA_TEST_REDIS_URL: '',
    })
  })
  afterAll(async () => {
    await servers.close()
    await reaper.close()
  })

  test('starts those that are not given and says where they are', () => {
    expect(servers.started.map(({ kind }) => kind)).toEqual(['mysql', 'redis'])
    expect(servers.env).toEqual({
      HYDRA_TEST_DIR: reaper.dir,
      HYDRA_TEST_MYSQL_TEMPLATE: expect.stringContaining(reaper.dir),
      HYDRA_TEST_MYSQL_URL: expect.stringMatching(/^mysql:\/\/hydra:hydra@127\.0\.0\.1:\d+$/),
      HYDRA_TEST_REDIS_URL: expect.stringMatching(/^redis:\/\/127\.0\.0\.1:\d+$/),
    })
  })

  test('leaves a MariaDB data folder for others to copy', () => {
    expect(existsSync(`${servers.env['HYDRA_TEST_MYSQL_TEMPLATE']}/ibdata1`)).toBe(true)
  })
})
