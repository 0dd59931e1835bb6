import { mkdtempSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { routes } from '@hydra/protocol'
import { eventually } from '@hydra/testing'
import { afterAll, beforeEach, expect, it } from 'vitest'
import { startingGold } from '../role/role.ts'
import { GameFixture } from '../test-support/game-fixture.ts'
import { until, type TestGame } from '../test-support/game-world.ts'
import type { TestBackends } from '../test-support/test-backends.ts'
import type { TestSession } from '../test-support/test-gate.ts'

const { daily, role, wallet } = routes.game
/** Of a day, by the defaults of the configuration. */
const reward = { gold: 100, gems: 5 }

/** What of the life of roles is recorded. */
export function eventLogContract(open: () => Promise<TestBackends>): void {
  const folder = mkdtempSync(join(tmpdir(), 'hydra-game-events-'))
  const fixture = new GameFixture(open, { eventLogDirectory: folder })
  let ada: TestSession & { rid: string }

  afterAll(() => rm(folder, { recursive: true, force: true }))
  beforeEach(async () => {
    ada = await fixture.player('Ada')
  })

  type Of = { readonly rid?: string; readonly on?: TestGame }
  type Line = Readonly<Record<string, unknown>>
  /** What this test's role, or all of this server, has had recorded. */
  const records = async ({ rid, on = fixture.game }: Of): Promise<Line[]> => {
    const text = await readFile(join(on.eventLogDirectory, 'game-events.jsonl'), 'utf8')
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line)
    return rid === undefined ? lines : lines.filter((line) => line['rid'] === rid)
  }
  const recorded = (count: number, of: Of = { rid: ada.rid }) =>
    eventually(async () => {
      const lines = await records(of)
      return lines.length >= count ? lines : undefined
    })

  it('is its beginning, its logins, every coming and going of value, and its end', async () => {
    const { rid, uid, sessionId, gateId } = ada
    const startMs = fixture.world.clock.nowMs()
    const [at, later] = [startMs, startMs + 5_000].map((ms) => new Date(ms).toISOString())
    await fixture.gate.request(ada, daily.claim, { operation: 1 }, fixture.game.id)
    const payment = { rid, uid, holdId: 'h1' }
    const hold = { ...payment, amount: 300, purpose: 'alliance' } as const
    await fixture.gate.peer.call(wallet.hold, hold, { to: { server: fixture.game.id } })
    await fixture.gate.peer.call(wallet.settle, payment, { to: { server: fixture.game.id } })
    fixture.world.clock.advance(5_000)
    await fixture.gate.leave(ada, false, fixture.game.id)
    const who = { server: fixture.game.id, rid, uid }
    expect(await recorded(7)).toEqual([
      { at, type: 'created', ...who, name: 'Ada' },
      { at, type: 'ledger', ...who, seq: 1, reason: 'opening', changes: { gold: startingGold } },
      { at, type: 'login', ...who, name: 'Ada', level: 1, sessionId, gateId },
      { at, type: 'ledger', ...who, seq: 2, reason: 'daily', ref: '2025-12-31', changes: reward },
      { at, type: 'ledger', ...who, seq: 3, reason: 'hold', ref: 'h1', changes: { gold: -300, held: 300 } },
      { at, type: 'ledger', ...who, seq: 4, reason: 'settle', ref: 'h1', changes: { held: -300 } },
      { at: later, type: 'logout', ...who, level: 1, sessionId, reason: 'CLIENT_CLOSED', playedMs: 5_000 },
    ])
  })

  it('is what was refused that no honest client asks for, also what reaches no handler', async () => {
    const { rid, uid, sessionId } = ada
    const claim = (operation: number) =>
      fixture.gate.request(ada, daily.claim, { operation }, fixture.game.id)
    const about = { type: 'refused', rid, uid, sessionId, route: 'game.daily.claim', suppressed: 0 }
    await claim(1)
    for (const operation of [1, 2, -1, 0.5, 1e300]) {
      await expect(claim(operation)).rejects.toMatchObject({ code: expect.any(String) })
    }
    const refused = (await recorded(9)).filter(({ type }) => type === 'refused')
    expect(refused).toMatchObject([
      { ...about, code: 'OPERATION_REPEATED', metadata: { operation: 1, lastOperation: 1 } },
      { ...about, code: 'DAILY_CLAIMED', metadata: { day: '2025-12-31' } },
      { ...about, code: 'BAD_REQUEST', metadata: { path: 'operation' } },
      { ...about, code: 'BAD_REQUEST' },
      { ...about, code: 'BAD_REQUEST' },
    ])
    const lines = fixture.game.lines.filter(
      ({ msg }) => msg === 'a client was refused what honest ones do not ask for',
    )
    expect(lines.map(({ code }) => code)).toEqual(refused.map(({ code }) => code))
    expect(await fixture.gate.request(ada, wallet.get, {}, fixture.game.id)).toMatchObject({
      gold: startingGold + 100,
    })
  })

  it('is how many are played, each minute', async () => {
    await fixture.player('Bob')
    fixture.world.clock.advance(60_000)
    const online = await eventually(async () => (await records({})).find(({ type }) => type === 'online'))
    expect(online).toMatchObject({ roles: 2 })
  })

  it('is no end for a role that goes on on another server', async () => {
    const other = await fixture.world.startGame()
    await fixture.gateSees(other)
    await until(other.registry, () => other.registry.get(fixture.game.id) !== undefined)
    await fixture.whileTimePasses(() => fixture.game.app.stop())
    await fixture.gate.request(ada, role.get, {}, other.id)
    await fixture.gate.leave(ada, false, other.id)
    const types = (lines: readonly Line[]) => lines.map(({ type }) => type)
    // Time passes faster for the stop than for the disk: its last lines may come a moment later.
    expect(types(await recorded(3, { rid: ada.rid }))).toEqual(['created', 'ledger', 'login'])
    const there = await recorded(1, { rid: ada.rid, on: other })
    expect(types(there)).toEqual(['logout'])
  })
}
