import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { freePorts } from '@hydra/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unreachable } from './reachable.ts'

describe('given servers', () => {
  const server = createServer()
  let url: string

  beforeAll(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `redis://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => server.close())

  test('one that listens is fine', async () => {
    expect(await unreachable(['redis'], { HYDRA_TEST_REDIS_URL: url })).toEqual([])
  })

  test('one that does not is named with its variable, without the password', async () => {
    const [port] = await freePorts(1)
    const env = { HYDRA_TEST_REDIS_URL: url, HYDRA_TEST_MYSQL_URL: `mysql://me:secret@127.0.0.1:${port}` }
    const complaints = await unreachable(['mysql', 'redis'], env)
    expect(complaints).toHaveLength(1)
    expect(complaints[0]).toMatch(
      /^HYDRA_TEST_MYSQL_URL: 127\.0\.0\.1:\d+ cannot be reached \(.*ECONNREFUSED/,
    )
    expect(complaints[0]).not.toContain('secret')
  })

  test('a text that is no url is said to be none', async () => {
    expect(await unreachable(['nats'], { HYDRA_TEST_NATS_URL: 'localhost' })).toEqual([
      'HYDRA_TEST_NATS_URL: "localhost" is no url.',
    ])
  })
})
