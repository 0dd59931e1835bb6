import { describe, expect, test } from 'vitest'
import { eventually } from '../eventually.ts'
import { isProcessAlive } from '../is-process-alive.ts'
import { startFixture } from './start-fixture.ts'

describe('real servers', () => {
  test.each(['SIGINT', 'SIGKILL'] as const)('are gone after their owner got %s', async (signal) => {
    const { process: owner, report } = await startFixture('servers-owner.fixture.ts')
    // The fixture prints the four process ids.
    const pids = report as number[]
    expect(pids.filter(isProcessAlive)).toHaveLength(4)
    process.kill(-Number(owner.pid), signal)
    await eventually(() => !pids.some(isProcessAlive))
  })
})
