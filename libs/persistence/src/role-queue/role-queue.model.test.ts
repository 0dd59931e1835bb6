import { ManualClock } from '@hydra/runtime'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../database/database.ts'
import { openDatabase } from '../database/open-database.ts'
import { migrate } from '../migrations/migrate.ts'
import type { Fate, FlakyCalls } from '../test-support/flaky.ts'
import type { Event } from '../test-support/role-oracle.ts'
import { settle } from '../test-support/role-queue-bench.ts'
import { World } from '../test-support/role-queue-world.ts'

const rolesPerRun = 3

type Step =
  | { readonly do: 'push'; readonly role: number; readonly undo: boolean }
  | { readonly do: 'flush' | 'leave'; readonly role: number }
  | { readonly do: 'own' | 'acquire' | 'load'; readonly server: 0 | 1; readonly role: number }
  | { readonly do: 'decide'; readonly server: 0 | 1; readonly index: number; readonly fate: Fate }
  | { readonly do: 'late'; readonly server: 0 | 1; readonly index: number }
  | { readonly do: 'network'; readonly server: 0 | 1; readonly mode: FlakyCalls['mode'] }
  | { readonly do: 'wait'; readonly ms: number }
  | {
      readonly do: 'crash'
      readonly server: 0 | 1
      readonly keepsArriving: boolean
      readonly recover: boolean
    }
  | { readonly do: 'recover' }

const server = fc.constantFrom<0 | 1>(0, 1)
const role = fc.nat({ max: rolesPerRun - 1 })
const index = fc.nat({ max: 5 })
const fate = fc.constantFrom<Fate>('answer', 'answer', 'answer', 'lose-request', 'lose-answer', 'late')
const mode = fc.constantFrom<FlakyCalls['mode']>('held', 'held', 'up', 'up', 'down')
const one = <Do extends string>(name: Do) => fc.constant(name)

const steps: readonly fc.WeightedArbitrary<Step>[] = [
  { weight: 40, arbitrary: fc.record({ do: one('push'), role, undo: fc.boolean() }) },
  { weight: 10, arbitrary: fc.record({ do: fc.constantFrom('flush', 'leave'), role }) },
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constantFrom('own', 'own', 'acquire', 'load'), server, role }),
  },
  { weight: 30, arbitrary: fc.record({ do: one('decide'), server, index, fate }) },
  { weight: 5, arbitrary: fc.record({ do: one('late'), server, index }) },
  { weight: 6, arbitrary: fc.record({ do: one('network'), server, mode }) },
  { weight: 12, arbitrary: fc.record({ do: one('wait'), ms: fc.constantFrom(1, 100, 1_000, 10_000) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: one('crash'), server, keepsArriving: fc.boolean(), recover: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: one('recover') }) },
]

async function apply(world: World, step: Step): Promise<void> {
  switch (step.do) {
    case 'push':
      return world.push(world.rid(step.role), step.undo)
    case 'flush':
      return world.flush(world.rid(step.role))
    case 'leave':
      return world.leave(world.rid(step.role))
    case 'own':
    case 'acquire':
    case 'load':
      return world[step.do](world.servers[step.server], world.rid(step.role))
    case 'decide':
      return world.servers[step.server].calls.decide(step.index, step.fate)
    case 'late':
      return world.arriveLate(step.server, step.index)
    case 'network':
      world.servers[step.server].calls.mode = step.mode
      return
    case 'wait':
      world.clock.advance(step.ms)
      return
    case 'crash':
      world.crash(step.server, step.keepsArriving)
      return step.recover ? world.recover() : undefined
    case 'recover':
      return world.recover()
  }
}

let database: Database
beforeAll(async () => {
  database = openDatabase({ kind: 'sqlite', file: ':memory:' }, { clock: new ManualClock() })
  await migrate(database)
})
afterAll(() => database.close())

test('no acknowledged update is lost, whatever fails, is late or dies', { timeout: 120_000 }, async () => {
  const reached = new Map<Event, number>()
  const count = (event: Event) => void reached.set(event, (reached.get(event) ?? 0) + 1)
  let runs = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(...steps), { minLength: 10, maxLength: 80, size: 'max' }),
      async (story) => {
        runs += 1
        const rids = Array.from({ length: rolesPerRun }, (_, role) => `r-${runs}-${role}`)
        const world = new World(database, rids, count)
        await world.prepare()
        for (const rid of rids) await world.own(world.servers[0], rid)
        for (const next of story) {
          await apply(world, next)
          await settle()
          await world.check()
        }
        await world.heal()
      },
    ),
    // On a machine that is busy with other things, fewer stories are told rather than none to the end.
    { numRuns: 200, interruptAfterTimeLimit: 30_000 },
  )
  expect([...reached.keys()].toSorted(), 'what the stories led to').toEqual([
    'acknowledged',
    'crashed',
    'fenced',
    'flushed',
    'recovered',
    'rejected',
    'released',
    'taken over',
  ])
})
