import { describe, expect, it } from 'vitest'
import { chatConfigSchema } from './config.ts'

describe('the configuration of chat', () => {
  it('has defaults that fit together', () => {
    const { drain, service, channel } = chatConfigSchema.parse({})
    expect(drain.announceMs + drain.callsMs).toBeLessThan(service.stopTimeoutMs)
    expect(channel.gateTimeoutMs).toBeGreaterThan(0)
  })

  it.each([
    ['a drain that takes longer than stopping may', { drain: { callsMs: 5_000 } }, ['drain', 'callsMs']],
    [
      'a batch that its channel cannot hold',
      { storage: { chatMessagesPerChannelMax: 50 } },
      ['channel', 'batchMax'],
    ],
    ['an unknown key', { channel: { timeout: 1 } }, ['channel']],
  ])('refuses %s', (_what, sections, path) => {
    const { error } = chatConfigSchema.safeParse(sections)
    expect(error?.issues.map((issue) => issue.path)).toEqual([path])
  })
})
