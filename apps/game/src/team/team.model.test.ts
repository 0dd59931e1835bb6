import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { TeamStory, type ChatFate, type TeamAction } from '../test-support/team-story.ts'
import type { Fate, TeamRoute } from '../test-support/team-story-server.ts'

const rids = ['ada', 'bob', 'eve', 'joe', 'kay'] as const
const who = fc.constantFrom(...rids)
const server = fc.nat(1)
const route = fc.constantFrom<TeamRoute>(
  'game.team.create',
  'game.team.get',
  'game.team.invite',
  'game.team.invite',
  'game.team.invite',
  'game.team.uninvite',
  'game.team.accept',
  'game.team.accept',
  'game.team.decline',
  'game.team.apply',
  'game.team.apply',
  'game.team.cancel',
  'game.team.approve',
  'game.team.approve',
  'game.team.reject',
  'game.team.leave',
  'game.team.kick',
  'game.team.handOver',
  'game.team.disband',
)

const play: readonly fc.WeightedArbitrary<TeamAction>[] = [
  {
    weight: 20,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      who,
      route,
      whom: who,
      aim: fc.noBias(fc.nat(9)),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constantFrom('rename', 'leave', 'move', 'enter', 'enter'), who, server }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), looks: fc.integer({ min: 1, max: 4 }) }),
  },
]
const fates: readonly Fate[] = ['fails', 'fails', 'loses answer', 'loses answer', 'dies before', 'dies after']
const fail: readonly fc.WeightedArbitrary<TeamAction>[] = [
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('light' as const),
      server,
      calls: fc.nat(5),
      fate: fc.constantFrom(...fates),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), server }) },
]

interface Told {
  readonly rounds: readonly (readonly TeamAction[])[]
  readonly delays: readonly number[]
  readonly chatFates: readonly ChatFate[]
}

const stories = (options: {
  readonly atOnce: number
  readonly actions: readonly fc.WeightedArbitrary<TeamAction>[]
  readonly chatFates: readonly ChatFate[]
}): fc.Arbitrary<Told> =>
  fc.record({
    rounds: fc.array(fc.array(fc.oneof(...options.actions), { minLength: 1, maxLength: options.atOnce }), {
      minLength: 5,
      maxLength: 60,
      size: 'max',
    }),
    delays: fc.array(fc.nat(3), { minLength: 1, maxLength: 7 }),
    chatFates: fc.array(fc.constantFrom(...options.chatFates), { minLength: 1, maxLength: 7 }),
  })

/** Tells stories; answers how often what was answered. */
async function tell(arbitrary: fc.Arbitrary<Told>, numRuns: number): Promise<ReadonlyMap<string, number>> {
  const reached = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(arbitrary, async ({ rounds, ...options }) => {
      const story = new TeamStory({ rids, ...options })
      await story.begin()
      for (const round of rounds) await story.round(round)
      await story.heal()
      await story.check()
      for (const [what, times] of story.reached) reached.set(what, (reached.get(what) ?? 0) + times)
    }),
    { numRuns },
  )
  return reached
}

const reaches = (reached: ReadonlyMap<string, number>, wanted: readonly string[]) => {
  for (const what of wanted) expect([what, (reached.get(what) ?? 0) > 0]).toEqual([what, true])
}

it('teams keep their rules, one request after the other', { timeout: 120_000 }, async () => {
  const reached = await tell(stories({ atOnce: 1, actions: play, chatFates: ['heard'] }), 200)
  reaches(reached, [
    'game.team.create ok',
    'game.team.invite ok',
    'game.team.invite ROLE_OFFLINE',
    'game.team.accept ok',
    'game.team.apply ok',
    'game.team.approve ok',
    'game.team.kick ok',
    'game.team.handOver ok',
    'game.team.disband ok',
    'game.team.leave ok',
  ])
})

it(
  'teams keep their rules, whoever does what at the same time on whichever server',
  { timeout: 120_000 },
  async () => {
    const fatesOfChat: readonly ChatFate[] = ['heard', 'heard', 'unheard', 'answer lost', 'late']
    const reached = await tell(stories({ atOnce: 5, actions: play, chatFates: fatesOfChat }), 300)
    reaches(reached, [
      'game.team.accept ok',
      'game.team.approve ok',
      'game.team.accept TEAM_REQUEST_NOT_FOUND',
    ])
  },
)

it(
  'members, players and chat agree in the end, whoever fails or dies when',
  { timeout: 120_000 },
  async () => {
    const fatesOfChat: readonly ChatFate[] = ['heard', 'heard', 'unheard', 'answer lost', 'late']
    const reached = await tell(
      stories({ atOnce: 4, actions: [...play, ...fail], chatFates: fatesOfChat }),
      300,
    )
    reaches(reached, ['game.team.create ok', 'game.team.create died', 'game.team.create STORAGE_UNAVAILABLE'])
  },
)
