import { describe, expect, it } from 'vitest'
import { complaints, killHeads, killLine, summary, type ChaosReport, type Kill } from './report.ts'

const kill: Kill = {
  round: 1,
  victim: 'game-1',
  downMs: 500,
  readyMs: 700,
  backP50Ms: 900,
  backP99Ms: 1_500,
  backMaxMs: 1_600,
  missing: [],
  acknowledged: 1_234,
  failed: 56,
  failedByCode: { SERVER_GONE: 50, TIMEOUT: 6 },
}
const good: ChaosReport = {
  seed: 7,
  clients: 40,
  rounds: 1,
  tookMs: 30_000,
  backLimitMs: 10_000,
  kills: [kill],
  acknowledged: 5_000,
  failed: 56,
  findings: [],
  defects: [],
  stranded: [],
  leftovers: { keys: [], presences: 0 },
}

describe('the report', () => {
  it('shows a kill in a line below the heads', () => {
    expect(killHeads()).toContain('victim')
    expect(killLine(kill)).toMatch(/game-1.* 1,600 .*SERVER_GONE 50, TIMEOUT 6$/)
  })

  it('has passed when nothing is wrong', () => {
    expect(complaints(good)).toEqual([])
    expect(summary(good)).toMatch(/lost 0, reordered 0, garbled 0, ghost 0[^]*PASSED$/)
  })

  it.each<[string, Partial<ChaosReport>]>([
    ['lost: ada: gone', { findings: [{ kind: 'lost', player: 'ada', what: 'gone' }] }],
    ['10001 ms', { kills: [{ ...kill, backMaxMs: 10_001 }] }],
    ['still missing: ada', { kills: [{ ...kill, missing: ['ada'] }] }],
    ['answered to a client: INTERNAL', { defects: ['INTERNAL: a defect'] }],
    ['could not log out: ada', { stranded: ['ada: TIMEOUT'] }],
    ['left in Redis: hydra:role:1', { leftovers: { keys: ['hydra:role:1'], presences: 0 } }],
  ])('has failed, and says: %s', (text, change) => {
    const report = { ...good, ...change }
    expect(complaints(report)).toEqual([expect.stringContaining(text)])
    expect(summary(report)).toMatch(/FAILED: 1$/)
  })

  it('says the first of many', () => {
    const finding = { kind: 'lost', player: 'ada', what: 'gone' } as const
    const text = summary({ ...good, findings: Array.from({ length: 60 }, () => finding) }, 10)
    expect(text.match(/ada: gone/g)).toHaveLength(10)
    expect(text).toContain('and 50 more')
  })
})
