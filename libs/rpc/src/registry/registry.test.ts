import { createMetrics, silentLogger, systemClock } from '@hydra/runtime'
import { testBackends, uniqueName } from '@hydra/testing'
import { describe } from 'vitest'
import { openEtcdRegistry } from './etcd-registry.ts'
import { createMemoryRegistry, MemoryRegistryHub } from './memory-registry.ts'
import { registryContract, type RegistryPair } from './registry.contract.ts'

const { etcdUrl } = testBackends()

const openMemory = async (): Promise<RegistryPair> => {
  const hub = new MemoryRegistryHub()
  return { ours: createMemoryRegistry({ hub }), theirs: createMemoryRegistry({ hub }) }
}

const openEtcd = (url: string) => async (): Promise<RegistryPair> => {
  const env = uniqueName('registry')
  const openOne = () =>
    openEtcdRegistry({
      hosts: [url],
      env,
      leaseTtlSeconds: 5,
      resyncMs: 15_000,
      clock: systemClock,
      random: Math.random,
      log: silentLogger,
      metrics: createMetrics({ service: 'test' }),
    })
  const [ours, theirs] = await Promise.all([openOne(), openOne()])
  return { ours, theirs }
}

describe('memory registry', () => {
  registryContract(openMemory)
})
if (etcdUrl !== undefined)
  describe('etcd registry', () => {
    registryContract(openEtcd(etcdUrl))
  })
