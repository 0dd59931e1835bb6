import type { StorageDrivers } from '@hydra/persistence'
import { alliancePolicies } from '@hydra/protocol'
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { goldAtFirst, storyRoles, type AllianceAction } from './alliance-action.ts'
import { aim, findAims } from './aim-action.ts'
import { AllianceWorld, type StoryClock } from './alliance-world.ts'
import { checkAlliances, type Sizes } from './check-alliances.ts'
import type { Fate } from './mortal.ts'
import { PlainAlliances } from './plain-alliances.ts'

/** An action on a server, which may come to its end meanwhile. */
interface Act {
  readonly action: AllianceAction
  readonly server: number
  /** Whether it is done where it can have an effect. */
  readonly aimed: boolean
  readonly fate: { readonly calls: number; readonly kind: Fate } | undefined
}

const role = fc.nat({ max: storyRoles - 1 })
/** Counted from the one founded last. */
const alliance = fc.constantFrom(0, 0, 0, 1, 1, 2, 3)
const policy = fc.constantFrom(...alliancePolicies)
const minLevel = fc.constantFrom(1, 1, 1, 2, 3)
// Two spellings of one name, in the sense of uniqueness.
const name = fc.constantFrom('Alphas', 'ALPHAS', 'Betas', 'Gammas')
const tag = fc.constantFrom('AA', 'aa', 'BB', 'CC')
const one = <Do extends string>(what: Do) => fc.constant(what)
const among = <Do extends string>(...what: readonly Do[]) => fc.constantFrom(...what)

const anyAction: fc.Arbitrary<AllianceAction> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: one('create'), role, name, tag, policy, minLevel }) },
  { weight: 8, arbitrary: fc.record({ do: one('apply'), role, alliance }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: among('cancel', 'accept', 'accept', 'accept', 'decline'),
      role,
      alliance,
    }),
  },
  {
    weight: 14,
    arbitrary: fc.record({
      do: among(
        ...(['approve', 'approve', 'reject', 'invite', 'invite', 'invite', 'uninvite'] as const),
        ...(['kick', 'promote', 'promote', 'demote', 'handOver'] as const),
      ),
      role,
      target: role,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: among('leave', 'leave', 'disband'), role }) },
  { weight: 2, arbitrary: fc.record({ do: one('update'), role, policy, minLevel }) },
  { weight: 2, arbitrary: fc.record({ do: one('setLevel'), alliance, level: fc.constantFrom(1, 2, 3) }) },
  { weight: 2, arbitrary: fc.record({ do: one('look'), role, alliance }) },
)

const server = fc.nat({ max: 1 })
const aimed = fc.constantFrom(true, true, true, true, false)
const fates = fc.record({
  calls: fc.oneof(fc.nat({ max: 14 }), fc.nat({ max: 30 })),
  kind: fc.constantFrom<Fate>('dies before', 'dies after', 'loses answer'),
})

/** How stories are told. */
export interface AllianceStories {
  readonly title: string
  readonly kind: 'sequential' | 'concurrent' | 'deadly'
  readonly stories: number
  readonly storages: readonly StorageDrivers[]
  readonly clock: StoryClock
}

/** Outcomes of all actions, by what was done and what it answered. */
export type Reached = ReadonlyMap<string, number>

/**
 * Tells random stories of alliances and holds them to what must be true, and, where one thing happens after the other, to
 * the plain model. Prints the seed, which is the same each time; the environment variable `HYDRA_TEST_SEED` names
 * another one, or has one drawn (`random`).
 */
export async function tellAllianceStories(options: AllianceStories): Promise<Reached> {
  const { title, kind, stories } = options
  const given = process.env['HYDRA_TEST_SEED'] ?? '1'
  const seed = given === 'random' ? Math.trunc(Math.random() * 2 ** 31) : Number(given)
  const reached = new Map<string, number>()
  const fate = kind === 'deadly' ? fc.option(fates, { nil: undefined, freq: 3 }) : fc.constant(undefined)
  const act = fc.record({ action: anyAction, server, aimed, fate })
  const step = fc.array(act, { minLength: 1, maxLength: kind === 'sequential' ? 1 : 5, size: 'max' })
  const [minLength, maxLength] = kind === 'sequential' ? [40, 80] : [12, 25]
  let told = 0
  const property = fc.asyncProperty(fc.array(step, { minLength, maxLength, size: 'max' }), async (steps) => {
    told += 1
    await tell(options, `${title}-${told}`, steps, (what) => reached.set(what, (reached.get(what) ?? 0) + 1))
  })
  const print = (outcome: string) =>
    void process.stdout.write(`${title}: HYDRA_TEST_SEED=${seed}, ${outcome} after ${told} stories
`)
  try {
    // The trace tells enough; what happens at the same time does not happen again for a shorter story.
    await fc.assert(property, { seed, numRuns: stories, endOnFailure: true })
    print('passed')
  } catch (error) {
    print('failed')
    throw error
  }
  return reached
}

async function tell(
  { kind, storages, clock }: AllianceStories,
  prefix: string,
  steps: readonly (readonly Act[])[],
  count: (what: string) => void,
): Promise<void> {
  const world = new AllianceWorld(storages, clock, prefix)
  await world.begin()
  const sizes: Sizes = new Map()
  const plain = new PlainAlliances()
  const trace: string[] = []
  try {
    for (const acts of steps) {
      for (const { server: index, fate } of acts) {
        if (fate !== undefined) world.server(index).life.light(fate.calls, fate.kind)
      }
      const aims = await findAims(world)
      const actions = acts.map(({ action, aimed: isAimed }) => {
        const wild = withNumber(action, world.founded.length)
        return isAimed ? aim(wild, aims) : wild
      })
      const outcomes = await Promise.all(
        actions.map(async (action, index) => {
          const { server = 0 } = acts[index] ?? {}
          const outcome = await world.perform(action, server)
          trace.push(`${JSON.stringify(action)} on ${server}: ${outcome}`)
          count(`${action.do} ${outcome}`)
          return outcome
        }),
      )
      await world.replaceDead()
      const [action] = actions
      if (kind === 'sequential' && action !== undefined) {
        expect([...plain.perform(action)]).toContain(outcomes[0])
        await comparePlain(world, plain)
      }
      await checkAlliances(world, sizes, kind !== 'deadly')
      if (kind === 'deadly') {
        await world.heal()
        await checkAlliances(world, sizes, true)
      }
      await world.speak()
      trace.push('--')
    }
    await world.heal()
    await checkAlliances(world, sizes, true)
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error)
    throw new Error(`${what}\nWhat has happened:\n${trace.join('\n')}\n`, { cause: error })
  }
}

/** Names an alliance by its number from the first founding on. */
function withNumber(action: AllianceAction, founded: number): AllianceAction {
  return 'alliance' in action ? { ...action, alliance: founded - 1 - action.alliance } : action
}

/** The database has what the plain model has. */
async function comparePlain(world: AllianceWorld, plain: PlainAlliances): Promise<void> {
  const number = (rid: string) => world.roles.findIndex((each) => world.rid(each) === rid)
  const rosters = await world.rosters()
  const stored = await Promise.all(
    rosters.map(async ({ alliance: { allianceId, name: stands, tag: mark, ...settings }, members }) => {
      const requests = async (kind: 'application' | 'invitation') => {
        const page = await world.storage.alliances.requestsOf(allianceId, kind, { limit: 100 })
        return page.requests.map(({ rid }) => number(rid)).toSorted()
      }
      return {
        id: world.founded.indexOf(allianceId),
        name: stands,
        tag: mark,
        policy: settings.policy,
        minLevel: settings.minLevel,
        level: settings.level,
        ranks: members.map(({ rid, rank }) => `${number(rid)} ${rank}`).toSorted(),
        applications: await requests('application'),
        invitations: await requests('invitation'),
      }
    }),
  )
  const expected = [...plain.alliances].map(([id, { ranks, applications, invitations, ...rest }]) => ({
    id,
    name: rest.name,
    tag: rest.tag,
    policy: rest.policy,
    minLevel: rest.minLevel,
    level: rest.level,
    ranks: [...ranks].map(([each, rank]) => `${each} ${rank}`).toSorted(),
    applications: [...applications].toSorted(),
    invitations: [...invitations].toSorted(),
  }))
  expect(stored.toSorted((a, b) => a.id - b.id)).toEqual(expected.toSorted((a, b) => a.id - b.id))
  expect(world.roles.map((each) => world.surroundings.gold.get(world.rid(each)) ?? goldAtFirst)).toEqual(
    plain.gold,
  )
}
