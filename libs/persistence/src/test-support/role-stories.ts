import { ManualClock } from '@hydra/runtime'
import * as fc from 'fast-check'
import { expect } from 'vitest'
import type { Fate, NetworkMode } from './flaky.ts'
import type { Database } from '../database/database.ts'
import { createMemoryRoleJournal } from '../stores/memory-role-journal.ts'
import { losableJournal } from './losable-journal.ts'
import type { Event } from './role-record.ts'
import { RoleWorld, type StoreName, type WorldStores } from './role-world.ts'

/** One thing that happens to servers, stores or players. */
type Step =
  | { readonly do: 'change'; readonly server: number; readonly role: number; readonly inMemory: boolean }
  | { readonly do: 'enter' | 'save'; readonly server: number; readonly role: number }
  | { readonly do: 'leave'; readonly server: number; readonly role: number; readonly insists: boolean }
  | { readonly do: 'renew' | 'recover' | 'notice' | 'answer all'; readonly server: number }
  | {
      readonly do: 'decide'
      readonly server: number
      readonly store: StoreName
      readonly index: number
      readonly fate: Fate
    }
  | { readonly do: 'late'; readonly server: number; readonly store: StoreName; readonly index: number }
  | {
      readonly do: 'network'
      readonly server: number
      readonly store: StoreName
      readonly mode: NetworkMode
    }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'doubt'; readonly server: number; readonly subject: number }
  | {
      readonly do: 'crash'
      readonly server: number
      readonly keepsArriving: boolean
      readonly noticed: boolean
    }
  | { readonly do: 'lose journal' }

/** What happens from a number of servers and roles on. */
interface Story {
  readonly servers: number
  readonly roles: number
  /** How calls go until a step says otherwise. */
  readonly mode: NetworkMode
  /** Whether the registry may take a server for gone that lives. */
  readonly doubts: boolean
  /** Steps that this story does without: so it is one of a few things that happen often, not of all of them rarely. */
  readonly without: readonly Step['do'][]
  readonly steps: readonly Step[]
}

/** Steps that a story can do without and still have players, and calls that are answered. */
const dispensable: readonly Step['do'][] = [
  ...([
    'save',
    'leave',
    'renew',
    'recover',
    'notice',
    'answer all',
    'decide',
    'late',
    'network',
    'wait',
  ] as const),
  ...(['doubt', 'crash', 'lose journal'] as const),
]

const server = fc.nat({ max: 2 })
const role = fc.nat({ max: 2 })
const index = fc.nat({ max: 3 })
const store = fc.constantFrom<StoreName>('journal', 'database')
const fate = fc.constantFrom<Fate>(
  ...(['answer', 'answer', 'answer', 'answer', 'answer'] as const),
  ...(['lose-request', 'lose-answer', 'answer-late', 'late'] as const),
)
const mode = fc.constantFrom<NetworkMode>(
  'held',
  'held',
  'up',
  'up',
  'up',
  'up',
  'down',
  'down',
  'deaf',
  'slow',
)
const one = <Do extends string>(name: Do) => fc.constant(name)

const stepsOf = (losesJournal: boolean): readonly fc.WeightedArbitrary<Step>[] => [
  { weight: 30, arbitrary: fc.record({ do: one('change'), server, role, inMemory: fc.boolean() }) },
  { weight: 22, arbitrary: fc.record({ do: one('enter'), server, role }) },
  { weight: 4, arbitrary: fc.record({ do: one('save'), server, role }) },
  { weight: 14, arbitrary: fc.record({ do: one('leave'), server, role, insists: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ do: one('renew'), server }) },
  { weight: 4, arbitrary: fc.record({ do: one('recover'), server }) },
  { weight: 3, arbitrary: fc.record({ do: one('notice'), server }) },
  { weight: 6, arbitrary: fc.record({ do: one('answer all'), server }) },
  { weight: 30, arbitrary: fc.record({ do: one('decide'), server, store, index, fate }) },
  { weight: 7, arbitrary: fc.record({ do: one('late'), server, store, index }) },
  { weight: 12, arbitrary: fc.record({ do: one('network'), server, store, mode }) },
  { weight: 12, arbitrary: fc.record({ do: one('wait'), ms: fc.constantFrom(1, 100, 1_000, 10_000) }) },
  { weight: 2, arbitrary: fc.record({ do: one('doubt'), server, subject: server }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: one('crash'), server, keepsArriving: fc.boolean(), noticed: fc.boolean() }),
  },
  ...(losesJournal ? [{ weight: 4, arbitrary: fc.record({ do: one('lose journal') }) }] : []),
]

async function apply(world: RoleWorld, step: Step): Promise<void> {
  switch (step.do) {
    case 'change':
      return world.change(world.rid(step.role), step.server, step)
    case 'enter':
      return world.server(step.server).enter(world.rid(step.role))
    case 'save':
      return world.holder(world.rid(step.role), step.server).save(world.rid(step.role))
    case 'leave':
      return world.holder(world.rid(step.role), step.server).leave(world.rid(step.role), step)
    case 'renew':
      return world.server(step.server).renew()
    case 'recover':
      return world.server(step.server).recover()
    case 'notice':
      return world.notice(world.server(step.server))
    case 'answer all':
      for (const calls of Object.values(world.server(step.server).networks)) await calls.answerAll()
      return
    case 'decide':
      return world.server(step.server).networks[step.store].decide(step.index, step.fate)
    case 'late':
      return world.arriveLate(world.server(step.server), step.store, step.index)
    case 'network':
      world.server(step.server).networks[step.store].mode = step.mode
      return
    case 'wait':
      return world.wait(step.ms)
    case 'doubt':
      return world.doubt(world.server(step.server), world.server(step.subject))
    case 'crash':
      return world.crash(step.server, step)
    case 'lose journal':
      return world.loseJournal()
  }
}

/** What {@link tellStories} is to tell. */
export interface Stories {
  /** For the line that names the seed. */
  readonly title: string
  /** What the ids of roles begin with, where several tell stories on one database. */
  readonly prefix?: string
  /** At least so many steps in all. */
  readonly steps: number
  readonly losesJournal: boolean
  /** Fresh stores for each story. */
  readonly openStores: () => Promise<WorldStores>
}

/** Stores of one story: a journal in memory, and a database whose other roles the story does not see. */
export function openMemoryWorld(database: Database): WorldStores {
  const clock = new ManualClock()
  const { journal, lose } = losableJournal(() => createMemoryRoleJournal({ clock }))
  return { clock, database, journal, loseJournal: async () => lose() }
}

/** Stories between two looks at the number of steps. */
const storiesPerBatch = 50

/** Most and fewest steps of one story. */
const lengths = { min: 60, max: 160 }

/**
 * Tells random stories and holds them to the oracle, until there were so many steps in all. Prints the seed, which is the
 * same each time; the environment variable `HYDRA_TEST_SEED` names another one, or has one drawn (`random`).
 *
 * @returns how often each event has come about.
 */
export async function tellStories(options: Stories): Promise<ReadonlyMap<Event, number>> {
  const { title, prefix = 'r', losesJournal, openStores } = options
  const seed = chooseSeed(process.env['HYDRA_TEST_SEED'])
  const reached = new Map<Event, number>()
  const count = (event: Event) => void reached.set(event, (reached.get(event) ?? 0) + 1)
  const told = { stories: 0, steps: 0 }
  const stories: fc.Arbitrary<Story> = fc.record({
    servers: fc.constantFrom(2, 2, 2, 3),
    roles: fc.constantFrom(1, 1, 1, 2, 3),
    mode: fc.constantFrom<NetworkMode>('up', 'held'),
    // Both together excuse much.
    doubts: losesJournal ? fc.constantFrom(false, false, true) : fc.constant(true),
    without: fc.oneof(fc.constant([]), fc.subarray([...dispensable])),
    steps: fc.array(fc.oneof(...stepsOf(losesJournal)), {
      minLength: lengths.min,
      maxLength: lengths.max,
      size: 'max',
    }),
  })
  const print = (outcome: string) =>
    void process.stdout.write(
      `${title}: HYDRA_TEST_SEED=${seed}, ${outcome} after ${told.stories} stories of ${told.steps} steps; ` +
        `${[...reached].map(([event, times]) => `${event} ${times}`).join(', ')}\n`,
    )
  const tell = async ({ steps, ...story }: Story) => {
    told.stories += 1
    const rids = Array.from({ length: story.roles }, (_, role) => `${prefix}-${told.stories}-${role}`)
    const world = new RoleWorld(await openStores(), { ...story, rids, count })
    await world.prepare()
    try {
      for (const step of steps.filter((next) => !story.without.includes(next.do))) {
        told.steps += 1
        await apply(world, step)
        await world.settle()
        await world.check()
      }
      await world.heal()
    } catch (error) {
      throw new Error(
        `${error instanceof Error ? error.message : String(error)}. The stores have done:\n${world.trace()}\n`,
        { cause: error },
      )
    }
  }
  const property = fc.asyncProperty(stories, tell)
  try {
    for (let batch = 0; told.steps < options.steps; batch++) {
      await fc.assert(property, { seed: seed + batch, numRuns: storiesPerBatch })
    }
    print('passed')
  } catch (error) {
    print('failed')
    throw error
  }
  expect(told.steps, 'steps in all').toBeGreaterThanOrEqual(options.steps)
  return reached
}

/** The same for every run, unless it is named, or drawn: a rare story must not stop whoever has not caused it. */
function chooseSeed(given = '1'): number {
  return given === 'random' ? Math.trunc(Math.random() * 2 ** 31) : Number(given)
}
