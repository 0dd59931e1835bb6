import { HydraError, type ErrorCode } from '@hydra/protocol'
import { createMetrics, ManualClock, silentLogger } from '@hydra/runtime'
import { beforeEach, expect, it } from 'vitest'
import type { RefusedRecord } from './event-log/game-event-log.ts'
import { createGameMetrics } from './game-metrics.ts'
import { Refusals } from './refusals.ts'

const linesPerMinute = 3
let clock: ManualClock
let metrics: ReturnType<typeof createMetrics>
let lines: unknown[]
let records: RefusedRecord[]
let refusals: Refusals

beforeEach(() => {
  clock = new ManualClock()
  metrics = createMetrics({ service: 'game' })
  lines = []
  records = []
  const log = { ...silentLogger, warn: (fields: object) => void lines.push(fields) }
  const eventLog = { refused: (record: RefusedRecord) => void records.push(record) }
  refusals = new Refusals({
    clock,
    log,
    eventLog,
    refusals: createGameMetrics(metrics).refusals,
    linesPerMinute,
  })
})

const sessionOf = (rid: string) =>
  ({ sessionId: 's1', gateId: 'g1', serializer: 'json', uid: 'u1', epoch: 1, rid }) as const
const refuse = (code: ErrorCode, rid = 'r1') => {
  const error = new HydraError(code, 'No.', { metadata: { x: 1 } })
  refusals.note({ route: 'game.bag.use', session: sessionOf(rid), error })
}

it('are written, recorded and counted, with who it was and why', async () => {
  refuse('ITEM_NOT_OWNED')
  const record = { uid: 'u1', rid: 'r1', sessionId: 's1', route: 'game.bag.use', code: 'ITEM_NOT_OWNED' }
  expect(records).toEqual([{ ...record, metadata: { x: 1 }, suppressed: 0 }])
  expect(lines).toEqual(records)
  expect(await metrics.expose()).toMatch(
    /hydra_game_refusals_total\{.*route="game\.bag\.use".*code="ITEM_NOT_OWNED".*\} 1/,
  )
})

it('are not those that happen to honest players, nor those of services', () => {
  for (const code of ['BAG_FULL', 'TIMEOUT', 'SERVER_BUSY', 'ROLE_ELSEWHERE'] as const) refuse(code)
  const error = new HydraError('FUNDS_TOO_LOW', 'No.')
  refusals.note({ route: 'game.wallet.hold', session: undefined, error })
  expect([lines, records]).toEqual([[], []])
})

it('are written at a bounded rate for each role; the next line says how many were left out', async () => {
  for (let count = 0; count < 10; count++) refuse('TOO_SOON')
  refuse('TOO_SOON', 'r2')
  expect(records.map(({ rid }) => rid)).toEqual(['r1', 'r1', 'r1', 'r2'])
  clock.advance(60_000 / linesPerMinute)
  refuse('TOO_SOON')
  refuse('TOO_SOON')
  expect(records.at(-1)).toMatchObject({ rid: 'r1', suppressed: 7 })
  expect([records.length, lines.length]).toEqual([5, 5])
  expect(await metrics.expose()).toMatch(/hydra_game_refusals_total\{.*code="TOO_SOON".*\} 13/)
})

it('of very many roles are written at a bounded rate too', () => {
  for (let count = 0; count < 5_000; count++) refuse('TOO_SOON', `r${count}`)
  expect(records).toHaveLength(3_000)
})
