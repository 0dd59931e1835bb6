import { testBackends, uniqueName } from '@hydra/testing'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { testStores, type TestStores } from '../test-support/test-stores.ts'
import type { Arrival, Presence, PresenceChange } from './presence-store.ts'

const rids = ['a', 'b', 'c', 'd', 'e', 'f', 'g'] as const
const gates = ['g1', 'g2', 'g3'] as const
const rolesMax = { one: 1, 'two-2': 2, '3': 3 } as const
const zones = Object.keys(rolesMax) as (keyof typeof rolesMax)[]

type Step =
  | { readonly do: 'enter'; readonly arrival: Arrival; readonly zone: keyof typeof rolesMax }
  | { readonly do: 'update'; readonly rid: string; readonly change: PresenceChange }
  | { readonly do: 'leave'; readonly rid: string; readonly epoch: number }

const rid = fc.constantFrom(...rids)
const epoch = fc.integer({ min: 1, max: 4 })
const idOrNone = fc.option(fc.constantFrom('x', 'y'))
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .record({
        rid,
        epoch,
        gateId: fc.constantFrom(...gates),
        level: fc.nat(9),
        zone: fc.constantFrom(...zones),
      })
      .map(({ rid: one, epoch: sessionEpoch, gateId, level, zone }) => ({
        do: 'enter' as const,
        zone,
        arrival: {
          rid: one,
          uid: `u-${one}`,
          name: 'Ann',
          level,
          gateId,
          sessionId: `s${sessionEpoch}`,
          sessionEpoch,
        },
      })),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('leave' as const), rid, epoch }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('update' as const),
      rid,
      change: fc.record(
        { level: fc.nat(9), allianceId: idOrNone, teamId: idOrNone, silencedUntilMs: fc.nat(99) },
        { requiredKeys: [] },
      ),
    }),
  },
)

/** Who is online, and nothing beside: all else is worked out from that. */
class Model {
  readonly online = new Map<string, Presence>()
  readonly lastSeen = new Map<string, number>()

  enter(arrival: Arrival, zone: keyof typeof rolesMax): Presence | undefined {
    const noted = this.online.get(arrival.rid)
    if (noted !== undefined && noted.sessionEpoch > arrival.sessionEpoch) return undefined
    const kept = noted ?? { world: this.#room(zone), silencedUntilMs: 0 }
    this.online.set(arrival.rid, { ...kept, ...arrival })
    return this.online.get(arrival.rid)
  }

  update(rid: string, change: PresenceChange): Presence | undefined {
    const noted = this.online.get(rid)
    if (noted === undefined) return undefined
    const { allianceId, teamId, ...rest } = { ...noted, ...change }
    const presence = { ...rest, ...(allianceId ? { allianceId } : {}), ...(teamId ? { teamId } : {}) }
    this.online.set(rid, presence)
    return presence
  }

  leave(rid: string, sessionEpoch: number, atMs: number): Presence | undefined {
    const noted = this.online.get(rid)
    if (noted === undefined || noted.sessionEpoch > sessionEpoch) return undefined
    this.online.delete(rid)
    this.lastSeen.set(rid, atMs)
    return noted
  }

  sizeOf(world: string): number {
    return [...this.online.values()].filter((one) => one.world === world).length
  }

  #room(zone: keyof typeof rolesMax): string {
    let shard = 1
    while (this.sizeOf(`${zone}-${shard}`) >= rolesMax[zone]) shard += 1
    return `${zone}-${shard}`
  }
}

async function check({ presence }: TestStores['stores'], model: Model): Promise<void> {
  expect(await presence.online(rids)).toEqual(rids.map((one) => model.online.has(one)))
  expect(await Promise.all(rids.map((one) => presence.get(one)))).toEqual(
    rids.map((one) => model.online.get(one)),
  )
  expect(await presence.lastSeen(rids)).toEqual(rids.map((one) => model.lastSeen.get(one)))
  const online = rids.map((one) => model.online.get(one)).filter((one) => one !== undefined)
  expect([...(await presence.gates())].sort()).toEqual([...new Set(online.map((one) => one.gateId))].sort())
  for (const gateId of gates)
    expect(await presence.atGate(gateId, 100)).toEqual(online.filter((one) => one.gateId === gateId))
  for (const zone of zones) {
    const worlds = online.map((one) => one.world).filter((one) => one.replace(/-\d+$/, '') === zone)
    for (const world of worlds) expect(model.sizeOf(world)).toBeLessThanOrEqual(rolesMax[zone])
  }
}

/** Does one step to both; answers what each says. */
async function apply(
  { presence }: TestStores['stores'],
  model: Model,
  given: Step,
  atMs: number,
): Promise<readonly [unknown, unknown]> {
  switch (given.do) {
    case 'enter': {
      const { arrival, zone } = given
      return [await presence.enter(arrival, { zone, rolesMax: rolesMax[zone] }), model.enter(arrival, zone)]
    }
    case 'update':
      return [await presence.update(given.rid, given.change), model.update(given.rid, given.change)]
    case 'leave':
      return [await presence.leave(given.rid, given.epoch, atMs), model.leave(given.rid, given.epoch, atMs)]
  }
}

describe.each(testStores({ ...testBackends(), uniqueName }))(
  'presence store in $driver',
  ({ driver, open }) => {
    test('does what a simple model does, and leaves nothing behind', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
          const opened = await open()
          const { presence } = opened.stores
          const model = new Model()
          try {
            let atMs = 1_000
            for (const one of steps) {
              const [answer, expected] = await apply(opened.stores, model, one, (atMs += 1))
              expect(answer).toEqual(expected)
            }
            await check(opened.stores, model)
            for (const { rid: one, sessionEpoch } of model.online.values())
              await presence.leave(one, sessionEpoch, atMs)
            expect(await presence.gates()).toEqual([])
            expect(await opened.count()).toBeLessThanOrEqual(1)
          } finally {
            await opened.close()
          }
        }),
        { numRuns: driver === 'memory' ? 300 : 100 },
      )
    })
  },
)
