import { describe, expect, test } from 'vitest'
import { kindsToStart } from './shared-servers.ts'

describe('kindsToStart', () => {
  test('all without any url', () => {
    expect(kindsToStart({})).toEqual(['mysql', 'redis', 'nats', 'etcd'])
  })

  test('each given url takes its server out', () => {
    expect(
      kindsToStart({ HYDRA_TEST_MYSQL_URL: 'mysql://db', HYDRA_TEST_ETCD_URL: 'http://etcd:2379' }),
    ).toEqual(['redis', 'nats'])
  })

  test('an empty url counts as none', () => {
    expect(kindsToStart({ HYDRA_TEST_REDIS_URL: '' })).toContain('redis')
  })

  test('none in embedded mode', () => {
    expect(kindsToStart({ HYDRA_TEST_BACKENDS: 'embedded' })).toEqual([])
  })
})
