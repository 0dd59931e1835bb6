import { serverKinds } from '@hydra/testing'
import { describe, expect, test } from 'vitest'
import { planBackends } from './backends.ts'

const urls = {
  HYDRA_TEST_MYSQL_URL: 'mysql://db',
  HYDRA_TEST_REDIS_URL: 'redis://cache',
  HYDRA_TEST_NATS_URL: 'nats://bus',
  HYDRA_TEST_ETCD_URL: 'http://etcd:2379',
}

describe('where the servers come from', () => {
  test('embedded mode needs none, whatever else is there', () => {
    const env = { ...urls, HYDRA_TEST_BACKENDS: 'embedded' }
    expect(planBackends({ env, missing: serverKinds, canInstall: true })).toEqual({ kind: 'embedded' })
  })

  test('everything installed: all are started', () => {
    expect(planBackends({ env: {}, missing: [], canInstall: false })).toEqual({
      kind: 'servers',
      start: ['mysql', 'redis', 'nats', 'etcd'],
      given: [],
    })
  })

  test('all given by url: nothing needs to be installed', () => {
    expect(planBackends({ env: urls, missing: serverKinds, canInstall: true })).toEqual({
      kind: 'servers',
      start: [],
      given: ['mysql', 'redis', 'nats', 'etcd'],
    })
  })

  test('a url takes the place of the one server that is not installed', () => {
    const env = { HYDRA_TEST_ETCD_URL: urls.HYDRA_TEST_ETCD_URL }
    expect(planBackends({ env, missing: ['etcd'], canInstall: false })).toEqual({
      kind: 'servers',
      start: ['mysql', 'redis', 'nats'],
      given: ['etcd'],
    })
  })

  test('what is missing is installed where that is possible, and only that', () => {
    const env = { HYDRA_TEST_ETCD_URL: urls.HYDRA_TEST_ETCD_URL }
    expect(planBackends({ env, missing: ['mysql', 'etcd'], canInstall: true })).toEqual({
      kind: 'install',
      missing: ['mysql'],
    })
  })

  test('elsewhere one message names every way out', () => {
    const plan = planBackends({ env: {}, missing: ['redis', 'nats'], canInstall: false })
    expect(plan).toEqual({ kind: 'impossible', message: expect.any(String) })
    const { message } = plan as { message: string }
    expect(message).toContain('not installed here: Redis, NATS.')
    expect(message).toContain('apt-get install --no-install-recommends redis-server nats-server')
    expect(message).toContain('brew install redis nats-server')
    expect(message).toContain('HYDRA_TEST_REDIS_URL=redis://127.0.0.1:6379')
    expect(message).not.toContain('HYDRA_TEST_MYSQL_URL')
    expect(message).toContain('HYDRA_TEST_BACKENDS=embedded npm test')
  })

  test('folders that a person named are not filled by an installation', () => {
    const env = { HYDRA_TEST_SERVER_PATH: '/opt/servers' }
    expect(planBackends({ env, missing: ['redis'], canInstall: true })).toEqual({
      kind: 'impossible',
      message: expect.stringContaining('looked in /opt/servers only'),
    })
  })
})
