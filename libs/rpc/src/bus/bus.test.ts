import { createMetrics, silentLogger, systemClock } from '@hydra/runtime'
import { testBackends } from '@hydra/testing'
import { describe } from 'vitest'
import { busContract, type BusContractOptions, type BusPair } from './bus.contract.ts'
import { createMemoryBus } from './memory-bus.ts'
import { connectNatsBus } from './nats-bus.ts'

const { natsUrl } = testBackends()

const openMemory = async (options: BusContractOptions): Promise<BusPair> => {
  const bus = createMemoryBus(options)
  return { publisher: bus, subscriber: bus }
}

const openNats =
  (url: string) =>
  async (options: BusContractOptions): Promise<BusPair> => {
    const connectOne = (name: string) =>
      connectNatsBus({
        ...options,
        servers: [url],
        name,
        clock: systemClock,
        random: Math.random,
        log: silentLogger,
        metrics: createMetrics({ service: 'test' }),
      })
    const [publisher, subscriber] = await Promise.all([connectOne('publisher'), connectOne('subscriber')])
    return { publisher, subscriber }
  }

describe('memory bus', () => {
  busContract(openMemory)
})
if (natsUrl !== undefined)
  describe('NATS bus', () => {
    busContract(openNats(natsUrl))
  })
