import { testBackends } from '@hydra/testing'
import { describe } from 'vitest'
import { topicsContract } from '../topics/topics.contract.ts'
import { batchContract } from './batch.contract.ts'
import { callContract } from './call.contract.ts'
import { forwardContract } from './forward.contract.ts'
import { hostileContract } from './hostile.contract.ts'
import { refusedContract } from './refused.contract.ts'
import { interceptorsContract } from './interceptors.contract.ts'
import { lifecycleContract } from './lifecycle.contract.ts'
import { orderContract } from './order.contract.ts'
import { tracingContract } from './tracing.contract.ts'
import { memoryBuses, natsBuses, type TestBuses } from './test-cluster.fixture.ts'

const { natsUrl } = testBackends()
const drivers: { name: string; open: () => TestBuses }[] = [
  { name: 'memory', open: memoryBuses },
  ...(natsUrl === undefined ? [] : [{ name: 'NATS', open: () => natsBuses(natsUrl) }]),
]

describe.each(drivers)('peers on $name', ({ open }) => {
  describe('calls', () => {
    callContract(open)
  })
  describe('forwarding', () => {
    forwardContract(open)
  })
  describe('events and closing', () => {
    lifecycleContract(open)
  })
  describe('order', () => {
    orderContract(open)
  })
  describe('interceptors', () => {
    interceptorsContract(open)
  })
  describe('tracing', () => {
    tracingContract(open)
  })
  describe('batches', () => {
    batchContract(open)
  })
  describe('refused calls', () => {
    refusedContract(open)
  })
  describe('hostile bytes', () => {
    hostileContract(open)
  })
  describe('topics', () => {
    topicsContract(open)
  })
})
