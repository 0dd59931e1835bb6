import { describe, expect, test } from 'vitest'
import { testBackends } from './test-backends.ts'

const urls = {
  HYDRA_TEST_MYSQL_URL: 'mysql://hydra:hydra@127.0.0.1:23306',
  HYDRA_TEST_REDIS_URL: 'redis://127.0.0.1:26379',
  HYDRA_TEST_NATS_URL: 'nats://127.0.0.1:24222',
  HYDRA_TEST_ETCD_URL: 'http://127.0.0.1:22379',
}

describe('testBackends', () => {
  test('gives the four urls', () => {
    expect(testBackends(urls)).toEqual({
      mysqlUrl: urls.HYDRA_TEST_MYSQL_URL,
      redisUrl: urls.HYDRA_TEST_REDIS_URL,
      natsUrl: urls.HYDRA_TEST_NATS_URL,
      etcdUrl: urls.HYDRA_TEST_ETCD_URL,
    })
  })

  test('gives none in embedded mode, even when urls are set', () => {
    expect(testBackends({ ...urls, HYDRA_TEST_BACKENDS: 'embedded' })).toEqual({})
  })

  test('names the variable that is missing', () => {
    expect(() => testBackends({ ...urls, HYDRA_TEST_NATS_URL: '' })).toThrow(/HYDRA_TEST_NATS_URL/)
  })

  test('the global setup has set the urls of this very run, or none', () => {
    const expected = process.env['HYDRA_TEST_BACKENDS'] === 'embedded' ? 0 : 4
    expect(Object.keys(testBackends())).toHaveLength(expected)
  })
})
