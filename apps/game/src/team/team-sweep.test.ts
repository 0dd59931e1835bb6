import { createMemoryStores } from '@hydra/persistence'
import { createCountingIds, createMetrics, ManualClock, silentLogger } from '@hydra/runtime'
import { beforeEach, describe, expect, it } from 'vitest'
import { createGameMetrics } from '../game-metrics.ts'
import { Faults } from '../test-support/faults.ts'
import { TeamChanges } from './change-team.ts'
import { apply, invite } from './requests.ts'
import { TeamSweep } from './team-sweep.ts'
import { TeamTelling, type TeamTellingDeps } from './tell-team.ts'

const settings = { membersMax: 5, requestsMax: 5, requestMs: 60_000 }
const intervalMs = 30_000
const memberLostMs = 120_000

/** One game server's part in teams, over a real store in memory. */
describe('the sweep of teams', () => {
  let clock: ManualClock
  let faults: Faults
  let store: ReturnType<typeof createMemoryStores>['teams']
  let changes: TeamChanges
  let sweep: TeamSweep
  /** Roles that are in memory. */
  let here: string[]
  let heard: string[]

  beforeEach(() => {
    clock = new ManualClock()
    faults = new Faults()
    store = faults.wrap('teams', createMemoryStores({ clock }).teams)
    here = ['ada']
    heard = []
    const log = silentLogger
    const {
      teamChanges,
      teamConflicts: conflicts,
      teamsToldAgain: toldAgain,
    } = createGameMetrics(createMetrics({ service: 'game' }))
    const chat = {
      teamChanged: async ({ version, rids }: { version: number; rids: string[] }) =>
        heard.push(`${version} ${rids.join(' ')}`) > 0,
    }
    const renewOf: TeamTellingDeps['renewOf'] = (rid, unless) => changes.renewOf(rid, unless)
    const telling = new TeamTelling({ tell: () => {}, chat, store, renewOf, clock, log })
    const ids = createCountingIds('t')
    const tellAgainMs = 10_000
    changes = new TeamChanges({
      store,
      telling,
      clock,
      ids,
      log,
      changes: teamChanges,
      conflicts,
      tellAgainMs,
    })
    const session = { sessionId: 's', gateId: 'g', epoch: 1 }
    sweep = new TeamSweep({
      store,
      // Of an actor the sweep sees no more than this.
      actors: { all: () => here.map((rid) => ({ rid, session, stage: 'active' })).values() as never },
      teams: { catchUp: () => Promise.resolve() },
      changes,
      telling,
      clock,
      log,
      toldAgain,
      memberLostMs,
      intervalMs,
      tellAgainMs,
    })
  })

  const role = (rid: string) => ({ rid, name: rid, level: 1 })
  const teamOfTwo = async (): Promise<void> => {
    await changes.create(role('ada'))
    await changes.changeOf('ada', (team, { nowMs }) => apply(team, role('bob'), settings, nowMs))
    const bob = { rid: 'bob', isPlayed: true, isInTeam: false }
    await changes.changeOf('ada', (team, { nowMs }) => invite(team, 'ada', bob, settings, nowMs))
  }
  const look = async (afterMs = intervalMs): Promise<void> => {
    clock.advance(afterMs)
    await sweep.look()
  }
  const members = async () => (await store.ofRole('ada'))?.rids

  it('puts a member out that nobody has seen, when it is time', async () => {
    await teamOfTwo()
    for (let ms = intervalMs; ms < memberLostMs; ms += intervalMs) await look()
    expect(await members()).toEqual(['ada', 'bob'])
    await look()
    expect(await members()).toEqual(['ada'])
    expect(heard.at(-1)).toBe('4 ada')
  })

  it('puts nobody out who is seen elsewhere, and sees nobody who is not in a team', async () => {
    await teamOfTwo()
    here = ['ada', 'eve']
    for (let ms = 0; ms < 3 * memberLostMs; ms += intervalMs) {
      await store.seen(['bob'], clock.nowMs())
      await look()
    }
    expect(await members()).toEqual(['ada', 'bob'])
  })

  it('gives others a look to say who is there, after a time in which nobody could', async () => {
    await teamOfTwo()
    await look()
    faults.down.add('teams.seen')
    for (let ms = 0; ms < memberLostMs; ms += intervalMs) await look()
    faults.heal()
    await look()
    expect(await members()).toEqual(['ada', 'bob'])
    await store.seen(['bob'], clock.nowMs())
    await look()
    expect(await members()).toEqual(['ada', 'bob'])
    // Or in which this server stood still, and others with it.
    await look(2 * memberLostMs)
    expect(await members()).toEqual(['ada', 'bob'])
    await look()
    expect(await members()).toEqual(['ada'])
  })

  it('tells chat of a team again before chat forgets it', async () => {
    await changes.create(role('ada'))
    const dayMs = 86_400_000
    let version = 1
    for (let ms = 0; ms < 2 * dayMs; ms += intervalMs) {
      await look()
      const found = await store.ofRole('ada')
      expect(found?.changedAtMs).toBeGreaterThan(clock.nowMs() - dayMs / 2)
      version = found?.version ?? 0
    }
    expect(version).toBeGreaterThan(4)
    expect(version).toBeLessThan(12)
    expect(heard.at(-1)).toBe(`${version} ada`)
  })
})
