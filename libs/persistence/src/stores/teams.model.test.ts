import { testBackends, uniqueName } from '@hydra/testing'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { testStores, type TestStores } from '../test-support/test-stores.ts'
import type { TeamPut } from './teams.ts'

const rids = ['a', 'b', 'c', 'd', 'e'] as const
const teamIds = ['t', 'u', 'v'] as const
const teamId = fc.constantFrom(...teamIds)

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('put' as const),
      teamId,
      /** Beyond the version that comes next. */
      ahead: fc.constantFrom(0, 0, 0, 0, 0, -1, 1),
      rids: fc.uniqueArray(fc.constantFrom(...rids), { maxLength: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('told' as const),
      teamId,
      behind: fc.constantFrom(0, 0, 0, 1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('untold' as const), limit: fc.nat(3), afterMs: fc.nat(4) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('seen' as const),
      rids: fc.uniqueArray(fc.constantFrom(...rids)),
    }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

interface ModelTeam {
  readonly version: number
  readonly rids: readonly string[]
  readonly atMs: number
  /** When it is due; `undefined`: told. */
  readonly dueMs: number | undefined
}

const againMs = 5

/** Teams as a list; who is in which is worked out from that. */
class Model {
  readonly teams = new Map<string, ModelTeam>()
  readonly seen = new Map<string, number>()

  put(id: string, version: number, given: readonly string[], atMs: number): TeamPut {
    const before = this.teams.get(id)
    if (version !== this.versionOf(id) + 1) return { stored: false, taken: undefined }
    const taken = given.find((rid) => (this.teamOf(rid) ?? id) !== id)
    if (taken !== undefined) return { stored: false, taken }
    for (const rid of given) if (before?.rids.includes(rid) !== true) this.seen.set(rid, atMs)
    this.teams.set(id, { version, rids: given, atMs, dueMs: atMs + againMs })
    return { stored: true }
  }

  told(id: string, version: number): void {
    const team = this.teams.get(id)
    if (team === undefined || team.version !== version) return
    if (team.rids.length === 0) this.teams.delete(id)
    else this.teams.set(id, { ...team, dueMs: undefined })
  }

  untold(atMs: number, limit: number): readonly string[] {
    const due = [...this.teams].filter(([, { dueMs = Infinity }]) => dueMs <= atMs)
    due.sort(([idA, a], [idB, b]) => Number(a.dueMs) - Number(b.dueMs) || (idA < idB ? -1 : 1))
    const found = due.slice(0, limit)
    for (const [id, team] of found) this.teams.set(id, { ...team, dueMs: atMs + againMs })
    return found.map(([id]) => id)
  }

  see(given: readonly string[], atMs: number) {
    const found = new Set<string>()
    for (const rid of given) {
      const id = this.teamOf(rid)
      if (id === undefined) continue
      this.seen.set(rid, atMs)
      found.add(id)
    }
    return [...found].map((id) => ({
      teamId: id,
      changedAtMs: this.teams.get(id)?.atMs,
      leastSeenAtMs: Math.min(...(this.teams.get(id)?.rids ?? []).map((rid) => this.seen.get(rid) ?? 0)),
    }))
  }

  teamOf(rid: string): string | undefined {
    return [...this.teams].find(([, team]) => team.rids.includes(rid))?.[0]
  }

  versionOf(id: string): number {
    return this.teams.get(id)?.version ?? 0
  }

  found(id: string | undefined) {
    const team = this.teams.get(id ?? '')
    if (id === undefined || team === undefined) return undefined
    const { version, rids: members, atMs, dueMs } = team
    const seenAtMs = new Map(members.map((rid) => [rid, this.seen.get(rid)]))
    const data = { version, members: [...members] }
    return {
      teamId: id,
      version,
      rids: members,
      data,
      changedAtMs: atMs,
      told: dueMs === undefined,
      seenAtMs,
    }
  }
}

/** Does one step to both; answers what each says. */
async function apply({ teams }: TestStores['stores'], model: Model, given: Step, nowMs: number) {
  switch (given.do) {
    case 'put': {
      const { teamId: id, rids: members, ahead } = given
      const version = model.versionOf(id) + 1 + ahead
      const team = { teamId: id, version, rids: members, data: { version, members } }
      const times = { atMs: nowMs, tellAgainAtMs: nowMs + againMs }
      return [await teams.put(team, times), model.put(id, version, members, nowMs)]
    }
    case 'told': {
      const version = model.versionOf(given.teamId) - given.behind
      return [await teams.told(given.teamId, version), model.told(given.teamId, version)]
    }
    case 'untold': {
      const atMs = nowMs + given.afterMs
      return [await teams.untold(atMs, atMs + againMs, given.limit), model.untold(atMs, given.limit)]
    }
    case 'seen':
      return [await teams.seen(given.rids, nowMs), model.see(given.rids, nowMs)]
  }
}

describe.each(testStores({ ...testBackends(), uniqueName }))('teams in $driver', ({ driver, open }) => {
  test('does what a simple model does, and leaves nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
        const opened = await open()
        const { teams } = opened.stores
        const model = new Model()
        try {
          let nowMs = 1_000
          for (const one of steps) {
            const [answer, expected] = await apply(opened.stores, model, one, (nowMs += 100))
            expect(answer).toEqual(expected)
            for (const id of teamIds) expect(await teams.get(id)).toEqual(model.found(id))
            for (const rid of rids) expect(await teams.ofRole(rid)).toEqual(model.found(model.teamOf(rid)))
          }
          for (const id of teamIds) {
            const version = model.versionOf(id) + 1
            await teams.put(
              { teamId: id, version, rids: [], data: {} },
              { atMs: nowMs, tellAgainAtMs: nowMs },
            )
            await teams.told(id, version)
          }
          expect(await opened.count()).toBe(0)
        } finally {
          await opened.close()
        }
      }),
      { numRuns: driver === 'memory' ? 300 : 50 },
    )
  })
})
