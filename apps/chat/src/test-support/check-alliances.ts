import type { AllianceRoster } from '@hydra/persistence'
import { expect } from 'vitest'
import { isOnline, storyBounds } from './alliance-action.ts'
import type { AllianceWorld } from './alliance-world.ts'

/** How many members an alliance had when it was looked at last. */
export type Sizes = Map<string, number>

/** What holds whenever nothing is under way. `quiet`: nothing is left to the watch either. */
export async function checkAlliances(world: AllianceWorld, sizes: Sizes, quiet: boolean): Promise<void> {
  const { storage } = world
  const rosters = await world.rosters()
  const memberships = await storage.alliances.memberships(world.roles.map(world.rid))
  const members = rosters.flatMap((roster) => roster.members)
  // Nobody is in two alliances, and rosters and memberships are the same.
  expect(members.toSorted(byRid)).toEqual(memberships.filter((each) => each !== undefined).toSorted(byRid))
  for (const roster of rosters) await checkOne(world, roster, sizes)
  const living = new Set(rosters.map(({ alliance }) => alliance.allianceId))
  for (const [role, membership] of memberships.entries()) {
    const requests = await storage.alliances.requestsWith(world.rid(role))
    if (membership !== undefined) expect(requests).toEqual([])
    for (const { allianceId } of requests) expect(living).toContain(allianceId)
    if (!quiet || !isOnline(role)) continue
    const { allianceId } = membership ?? {}
    expect(world.topicsOf(role)).toEqual(allianceId === undefined ? [] : [world.topicOf(allianceId)])
    expect((await storage.stores.presence.get(world.rid(role)))?.allianceId).toBe(allianceId)
  }
  if (!quiet) return
  expect(await storage.stores.allianceViews.expired(Number.MAX_SAFE_INTEGER, 100)).toEqual([])
  // What was said is there as long as the alliance, and no longer.
  for (const allianceId of world.spoken) {
    expect((await world.lastSeqOf(allianceId)) > 0).toBe(living.has(allianceId))
  }
  for (const allianceId of world.founded) {
    const view = await storage.stores.allianceViews.get(allianceId)
    const roster = rosters.find(({ alliance }) => alliance.allianceId === allianceId)
    if (view !== undefined) expect(view).toEqual(roster)
  }
}

async function checkOne(world: AllianceWorld, { alliance, members }: AllianceRoster, sizes: Sizes) {
  const { allianceId, level, leaderRid, memberCount } = alliance
  const { alliances } = world.storage
  expect(members.filter(({ rank }) => rank === 'leader').map(({ rid }) => rid)).toEqual([leaderRid])
  expect(memberCount).toBe(members.length)
  // A lower level leaves members that are too many, but lets none in.
  const capacity = storyBounds.capacities[level - 1] ?? 0
  expect(members.length).toBeLessThanOrEqual(Math.max(capacity, sizes.get(allianceId) ?? 0))
  sizes.set(allianceId, members.length)
  const seqs = (await alliances.log(allianceId, { limit: 1_000 })).map(({ seq }) => seq)
  expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, index) => seqs.length - index))
  for (const kind of ['application', 'invitation'] as const) {
    const { requests } = await alliances.requestsOf(allianceId, kind, { limit: 100 })
    expect(requests.length).toBeLessThanOrEqual(storyBounds.requestsMax)
  }
}

const byRid = (a: { readonly rid: string }, b: { readonly rid: string }) => (a.rid < b.rid ? -1 : 1)
