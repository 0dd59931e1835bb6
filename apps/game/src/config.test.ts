import { describe, expect, it } from 'vitest'
import { gameConfigSchema } from './config.ts'

describe('the configuration of game', () => {
  it('has defaults that fit together', () => {
    const { role, drain, service } = gameConfigSchema.parse({})
    expect(role).toMatchObject({ graceMs: 5_000, actorsMax: 20_000 })
    expect(drain.rolesMs).toBeLessThan(service.stopTimeoutMs)
  })

  it.each([
    ['a drain that takes longer than stopping may', { drain: { rolesMs: 4_000 } }, ['drain', 'rolesMs']],
    [
      'a first pause longer than the longest',
      { role: { leaveRetryMinMs: 10_000 } },
      ['role', 'leaveRetryMaxMs'],
    ],
    ['an unknown key', { role: { grace: 1 } }, ['role']],
    ['a time that is none', { role: { graceMs: '5s' } }, ['role', 'graceMs']],
  ])('refuses %s', (_what, sections, path) => {
    const { error } = gameConfigSchema.safeParse(sections)
    expect(error?.issues.map((issue) => issue.path)).toEqual([path])
  })
})
