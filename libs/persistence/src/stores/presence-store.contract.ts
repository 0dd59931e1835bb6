import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TestStores } from '../test-support/test-stores.ts'
import type { Arrival, PresenceStore } from './presence-store.ts'
import type { StoreLimits } from './stores.ts'

/** What every presence store does. */
export function presenceStoreContract(open: (limits?: StoreLimits) => Promise<TestStores>): void {
  const lastSeenMaxMs = 1_000
  let opened: TestStores
  let presence: PresenceStore
  beforeEach(async () => {
    opened = await open({ lastSeenMaxMs })
    presence = opened.stores.presence
  })
  afterEach(() => opened.close())

  const world = { zone: 'eu-1', rolesMax: 2 }
  const ann = {
    rid: 'r-1',
    uid: 'u-1',
    name: 'Ánn 安',
    level: 7,
    gateId: 'gate-a',
    sessionId: 's-1',
    sessionEpoch: 1_767_225_600_000_123,
  }
  const again = { ...ann, gateId: 'gate-b', sessionId: 's-2', sessionEpoch: ann.sessionEpoch + 1 }
  const noted = { world: 'eu-1-1', silencedUntilMs: 0 }
  const role = (rid: string, change: Partial<Arrival> = {}): Arrival => ({ ...ann, rid, ...change })
  const enter = async (arrival: Arrival, zone = world) => (await presence.enter(arrival, zone))?.world
  const ridsAt = async (gateId: string, limit = 10, afterRid?: string) =>
    (await presence.atGate(gateId, limit, afterRid)).map(({ rid }) => rid)

  describe('a role', () => {
    test('is online from enter to leave', async () => {
      expect(await presence.get('r-1')).toBeUndefined()
      expect(await presence.enter(ann, world)).toEqual({ ...ann, ...noted })
      expect(await presence.get('r-1')).toEqual({ ...ann, ...noted })
      expect(await presence.leave('r-1', ann.sessionEpoch, 1)).toEqual({ ...ann, ...noted })
      expect(await presence.get('r-1')).toBeUndefined()
      expect(await presence.leave('r-1', ann.sessionEpoch, 2)).toBeUndefined()
      expect(await presence.gates()).toEqual([])
      expect(await presence.atGate('gate-a', 10)).toEqual([])
      // When it was last seen is all that is left.
      expect(await opened.count()).toBeLessThanOrEqual(1)
    })

    test('that enters again with the same session is as before, with a newer one elsewhere', async () => {
      await presence.enter(ann, world)
      expect(await presence.enter(ann, world)).toEqual({ ...ann, ...noted })
      expect(await presence.gates()).toEqual(['gate-a'])
      expect(await presence.enter(again, world)).toEqual({ ...again, ...noted })
      expect(await presence.get('r-1')).toEqual({ ...again, ...noted })
      expect(await presence.gates()).toEqual(['gate-b'])
      expect([await ridsAt('gate-a'), await ridsAt('gate-b')]).toEqual([[], ['r-1']])
    })

    test('keeps what else is noted of it when a newer session enters, its shard as well', async () => {
      await presence.enter(ann, world)
      const change = { allianceId: 'a-1', teamId: 't-1', silencedUntilMs: 5 }
      await presence.update('r-1', change)
      const kept = { ...again, ...noted, ...change }
      expect(await presence.enter(again, { zone: 'us', rolesMax: 2 })).toEqual(kept)
      await presence.leave('r-1', again.sessionEpoch, 1)
      expect(await presence.enter(again, world)).toEqual({ ...again, ...noted })
    })

    test('is neither replaced nor removed by an older session', async () => {
      await presence.enter(again, world)
      expect(await presence.enter(ann, world)).toBeUndefined()
      expect(await presence.leave('r-1', ann.sessionEpoch, 1)).toBeUndefined()
      expect(await presence.get('r-1')).toEqual({ ...again, ...noted })
      expect([await ridsAt('gate-a'), await ridsAt('gate-b')]).toEqual([[], ['r-1']])
    })

    test('that is online can be changed, one that is offline stays so', async () => {
      expect(await presence.update('r-1', { name: 'Bob' })).toBeUndefined()
      expect(await presence.get('r-1')).toBeUndefined()
      await presence.enter(ann, world)
      expect(await presence.update('r-1', {})).toEqual({ ...ann, ...noted })
      const bob = { ...ann, ...noted, name: 'Bob', level: 8, silencedUntilMs: 1_767_225_600_000 }
      const { name, level, silencedUntilMs } = bob
      expect(await presence.update('r-1', { name, level, silencedUntilMs })).toEqual(bob)
      expect(await presence.update('r-1', { allianceId: 'a-1', teamId: 't-1' })).toMatchObject({
        allianceId: 'a-1',
        teamId: 't-1',
      })
      expect(await presence.update('r-1', { allianceId: null })).toEqual({ ...bob, teamId: 't-1' })
      expect(await presence.update('r-1', { teamId: null, allianceId: null })).toEqual(bob)
      expect(await presence.get('r-1')).toEqual(bob)
    })
  })

  test('of many it is told who is online, in the order asked for', async () => {
    await presence.enter(role('r-2'), world)
    await presence.enter(role('r-1'), world)
    expect(await presence.online(['r-1', 'nobody', 'r-2', 'r-1'])).toEqual([true, false, true, true])
    expect(await presence.online([])).toEqual([])
  })

  describe('shards of the world', () => {
    test('fill up one after the other, the first with room first, by zone', async () => {
      const worlds: (string | undefined)[] = []
      for (const rid of ['a', 'b', 'c', 'd', 'e']) worlds.push(await enter(role(rid)))
      expect(worlds).toEqual(['eu-1-1', 'eu-1-1', 'eu-1-2', 'eu-1-2', 'eu-1-3'])
      expect(await enter(role('x'), { zone: 'eu', rolesMax: 2 })).toBe('eu-1')
      for (const rid of ['b', 'c', 'd']) await presence.leave(rid, ann.sessionEpoch, 1)
      const next = ['f', 'g', 'h', 'i']
      for (const [index, shard] of ['1', '2', '2', '3'].entries())
        expect(await enter(role(next[index] ?? ''))).toBe(`eu-1-${shard}`)
    })

    test('may have another size at any time: none takes more, and one that somebody leaves has room', async () => {
      for (const rid of ['a', 'b', 'c']) await enter(role(rid), { ...world, rolesMax: 3 })
      expect(await enter(role('d'), { ...world, rolesMax: 1 })).toBe('eu-1-2')
      await presence.leave('a', ann.sessionEpoch, 1)
      expect(await enter(role('e'), { ...world, rolesMax: 1 })).toBe('eu-1-3')
      await presence.leave('b', ann.sessionEpoch, 1)
      expect(await enter(role('f'), { ...world, rolesMax: 3 })).toBe('eu-1-1')
    })

    test('hold each role that enters at the same time once', async () => {
      const rids = Array.from({ length: 50 }, (_, index) => `r-${index}`)
      const entered = await Promise.all(rids.map((rid) => enter(role(rid), { ...world, rolesMax: 5 })))
      const shards = Array.from({ length: 10 }, (_, n) => `eu-1-${n + 1}`)
      expect(entered.toSorted()).toEqual(shards.flatMap((one) => Array(5).fill(one)).toSorted())
      await Promise.all(rids.map((rid) => presence.leave(rid, ann.sessionEpoch, 1)))
      expect(await opened.count()).toBeLessThanOrEqual(1)
    })
  })

  test('roles of a gate are read in pages, in order of rid', async () => {
    for (const rid of ['b', 'B', '-', 'a', '_', '10', '9']) await presence.enter(role(rid), world)
    await presence.enter(role('other', { gateId: 'gate-b' }), world)
    expect([...(await presence.gates())].sort()).toEqual(['gate-a', 'gate-b'])
    expect(await ridsAt('gate-a')).toEqual(['-', '10', '9', 'B', '_', 'a', 'b'])
    expect(await ridsAt('gate-a', 3)).toEqual(['-', '10', '9'])
    expect(await ridsAt('gate-a', 3, '9')).toEqual(['B', '_', 'a'])
    expect(await ridsAt('gate-a', 3, 'a')).toEqual(['b'])
    expect(await ridsAt('gate-a', 3, 'b')).toEqual([])
    // The one that a page ended with may have left meanwhile.
    expect(await ridsAt('gate-a', 3, '95')).toEqual(['B', '_', 'a'])
    expect(await presence.atGate('gate-b', 1)).toEqual([
      { ...role('other', { gateId: 'gate-b' }), world: 'eu-1-4', silencedUntilMs: 0 },
    ])
    expect(await ridsAt('nowhere')).toEqual([])
  })

  describe('when a role was last online', () => {
    const leaves = async (rid: string, atMs: number) => {
      await presence.enter(role(rid), world)
      await presence.leave(rid, ann.sessionEpoch, atMs)
    }

    test('is known from its leaving, the last one', async () => {
      await leaves('a', 1_000)
      await leaves('b', 1_001)
      await leaves('a', 1_002)
      expect(await presence.lastSeen(['b', 'nobody', 'a'])).toEqual([1_001, undefined, 1_002])
      expect(await presence.lastSeen([])).toEqual([])
      expect(await presence.leave('a', ann.sessionEpoch, 1_003)).toBeUndefined()
      expect(await presence.lastSeen(['a'])).toEqual([1_002])
    })

    test('is forgotten after a while, however many have left meanwhile', async () => {
      const rids = Array.from({ length: 25 }, (_, index) => `r-${index}`)
      for (const [index, rid] of rids.entries()) await leaves(rid, 1_000 + index)
      await leaves('last', 2_005)
      expect(await presence.lastSeen(['r-4', 'r-5'])).toEqual([undefined, 1_005])
      for (let times = 0; times < 3; times += 1) await leaves('last', 5_000)
      expect((await presence.lastSeen(rids)).every((atMs) => atMs === undefined)).toBe(true)
      expect(await presence.lastSeen(['last'])).toEqual([5_000])
    })
  })
}
