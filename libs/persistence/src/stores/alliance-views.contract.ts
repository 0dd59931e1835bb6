import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestStores } from '../test-support/test-stores.ts'
import type { AllianceChangeMark, AllianceRoster, AllianceViews } from './alliance-views.ts'

/** Marks that have expired long ago, and those that will not while a test runs; whatever clock the store goes by. */
const past = 1_000
const future = 4_000_000_000_000

/** What views of alliances do. */
export function allianceViewsContract(open: () => Promise<TestStores>): void {
  let opened: TestStores
  let views: AllianceViews
  beforeEach(async () => {
    opened = await open()
    views = opened.stores.allianceViews
  })
  afterEach(() => opened.close())

  const allianceId = 'a-1'
  const rosterOf = (version: number, id = allianceId): AllianceRoster => ({
    alliance: {
      allianceId: id,
      name: 'Grüße "🎲"',
      tag: 'TAG',
      level: 2,
      notice: 'two\nlines',
      description: '',
      policy: 'apply',
      minLevel: 1,
      leaderRid: 'r-1',
      memberCount: 1,
      createdAtMs: 1_767_225_600_000,
      version,
    },
    members: [
      { rid: 'r-1', uid: 'u-1', name: 'Ann', level: 3, allianceId: id, rank: 'leader', joinedAtMs: 1 },
    ],
  })
  const mark = (token: string, id = allianceId): AllianceChangeMark => ({
    token,
    allianceId: id,
    rids: ['r-1', 'r-2'],
  })
  const version = async (id = allianceId) => (await views.get(id))?.alliance.version
  const expired = (limit = 10) => views.expired(future - 1, limit)

  test('a view comes back as it was put', async () => {
    expect(await views.get(allianceId)).toBeUndefined()
    await views.put(rosterOf(1))
    expect(await views.get(allianceId)).toEqual(rosterOf(1))
    expect(await views.get('a-2')).toBeUndefined()
  })

  test('a version never goes back', async () => {
    await views.put(rosterOf(9))
    await views.put(rosterOf(8))
    expect(await version()).toBe(9)
    await views.put(rosterOf(10))
    expect(await version()).toBe(10)
    await views.begin(mark('t-1'), future)
    await views.finish(mark('t-1'), rosterOf(9))
    expect(await version()).toBeUndefined()
    await views.put(rosterOf(9))
    expect(await version()).toBeUndefined()
    await views.put(rosterOf(10))
    expect(await version()).toBe(10)
  })

  test('what was read before a change and is put while it is under way changes nothing', async () => {
    await views.put(rosterOf(1))
    await views.begin(mark('t-1'), future)
    expect(await version()).toBeUndefined()
    await views.put(rosterOf(1))
    await views.put(rosterOf(2))
    expect(await version()).toBeUndefined()
    await views.finish(mark('t-1'), rosterOf(2))
    expect(await version()).toBe(2)
    await views.put(rosterOf(1))
    expect(await version()).toBe(2)
  })

  test('a change that was not made lets others put the view again', async () => {
    await views.put(rosterOf(1))
    await views.begin(mark('t-1'), future)
    await views.finish(mark('t-1'))
    expect(await version()).toBeUndefined()
    await views.put(rosterOf(1))
    expect(await version()).toBe(1)
  })

  test('of two changes at once the first one to finish does not put', async () => {
    await views.begin(mark('t-1'), future)
    await views.begin(mark('t-2'), future)
    await views.finish(mark('t-2'), rosterOf(3))
    expect(await version()).toBeUndefined()
    await views.put(rosterOf(3))
    expect(await version()).toBeUndefined()
    await views.finish(mark('t-1'), rosterOf(4))
    expect(await version()).toBe(4)
  })

  test('nobody puts what was read before a change, even if another one fails after it', async () => {
    await views.put(rosterOf(2))
    await views.begin(mark('t-1'), future)
    await views.begin(mark('t-2'), future)
    await views.finish(mark('t-1'), rosterOf(3))
    await views.finish(mark('t-2'))
    await views.put(rosterOf(2))
    expect(await version()).toBeUndefined()
    await views.put(rosterOf(3))
    expect(await version()).toBe(3)
  })

  test('a change that was made first and finishes last does not put an old view', async () => {
    await views.begin(mark('t-1'), future)
    await views.begin(mark('t-2'), future)
    await views.finish(mark('t-2'), rosterOf(3))
    await views.finish(mark('t-1'), rosterOf(2))
    expect(await version()).toBeUndefined()
    await views.put(rosterOf(3))
    expect(await version()).toBe(3)
  })

  test('finishing twice, or what never began, does no harm', async () => {
    await views.finish(mark('t-1'), rosterOf(1))
    expect(await version()).toBe(1)
    await views.begin(mark('t-2'), future)
    await views.finish(mark('t-1'), rosterOf(2))
    expect(await version()).toBeUndefined()
    await views.finish(mark('t-2'))
    await views.finish(mark('t-2'))
    await views.put(rosterOf(2))
    expect(await version()).toBe(2)
  })

  test('changes of one alliance do not touch others', async () => {
    await views.put(rosterOf(1, 'a-2'))
    await views.begin(mark('t-1'), future)
    expect(await version('a-2')).toBe(1)
    await views.put(rosterOf(2, 'a-2'))
    expect(await version('a-2')).toBe(2)
  })

  test('an expired mark keeps nobody from putting, and is listed until it is finished', async () => {
    await views.begin(mark('t-1'), past)
    await views.put(rosterOf(1))
    expect(await version()).toBe(1)
    expect(await expired()).toEqual([mark('t-1')])
    expect(await expired()).toEqual([mark('t-1')])
    await views.finish({ ...mark('t-1'), rids: [] }, rosterOf(2))
    expect(await expired()).toEqual([])
    expect(await version()).toBe(2)
  })

  test('an expired mark beside one that has not expired', async () => {
    await views.begin(mark('t-1'), future)
    await views.begin(mark('t-2'), past)
    await views.put(rosterOf(1))
    expect(await version()).toBeUndefined()
    expect(await expired()).toEqual([mark('t-2')])
    await views.finish(mark('t-1'), rosterOf(1))
    expect(await version()).toBe(1)
    expect(await expired()).toEqual([mark('t-2')])
  })

  test('marks are listed from when they expire, the oldest first, no more than asked for', async () => {
    await views.begin(mark('t-3', 'a-3'), past + 2)
    await views.begin(mark('t-1', 'a-1'), past)
    await views.begin(mark('t-2', 'a-2'), past + 1)
    await views.begin(mark('t-4', 'a-4'), future)
    expect(await views.expired(past - 1, 10)).toEqual([])
    expect((await views.expired(past + 1, 10)).map(({ token }) => token)).toEqual(['t-1', 't-2'])
    expect((await expired(2)).map(({ token }) => token)).toEqual(['t-1', 't-2'])
    expect(await expired()).toEqual([mark('t-1', 'a-1'), mark('t-2', 'a-2'), mark('t-3', 'a-3')])
  })

  test('a change that begins again goes by its last expiry', async () => {
    await views.begin(mark('t-1'), past)
    await views.begin(mark('t-1'), future)
    expect(await expired()).toEqual([])
    await views.put(rosterOf(1))
    expect(await version()).toBeUndefined()
    await views.finish(mark('t-1'))
    await views.put(rosterOf(1))
    expect(await version()).toBe(1)
  })

  test('of an alliance that is no more nobody puts a view', async () => {
    await views.put(rosterOf(1))
    await views.begin(mark('t-1'), future)
    await views.drop(allianceId)
    await views.finish(mark('t-1'))
    await views.put(rosterOf(1))
    expect(await version()).toBeUndefined()
    await views.put(rosterOf(5, 'a-2'))
    await views.drop('a-2')
    await views.put(rosterOf(6, 'a-2'))
    expect(await version('a-2')).toBeUndefined()
  })

  test('when everything is lost it is built again', async () => {
    await views.put(rosterOf(5))
    await views.begin(mark('t-1', 'a-2'), future)
    const { allianceViews } = await opened.lose()
    expect(await allianceViews.get(allianceId)).toBeUndefined()
    expect(await allianceViews.expired(future, 10)).toEqual([])
    await allianceViews.put(rosterOf(4))
    expect((await allianceViews.get(allianceId))?.alliance.version).toBe(4)
    await allianceViews.finish(mark('t-1', 'a-2'), rosterOf(2, 'a-2'))
    expect((await allianceViews.get('a-2'))?.alliance.version).toBe(2)
  })

  test('what was given or answered is not what is kept', async () => {
    const roster = rosterOf(1)
    const given = { ...roster, members: [...roster.members] }
    await views.put(given)
    given.members.length = 0
    const answered = await views.get(allianceId)
    ;(answered?.members as unknown[] | undefined)?.splice(0)
    expect(await views.get(allianceId)).toEqual(rosterOf(1))
  })

  test('nothing of a change is left behind', async () => {
    const before = await opened.count()
    await views.begin(mark('t-1'), future)
    await views.begin(mark('t-2'), past)
    await views.finish(mark('t-1'))
    await views.finish(mark('t-2'))
    expect(await opened.count()).toBe(before)
  })

  test('readers and writers at once: never an old view, and a view when all is done', async () => {
    // The database: what is read from it may arrive later.
    let latest = 1
    const seen: number[] = []
    const read = async () => {
      const cached = await views.get(allianceId)
      if (cached !== undefined) {
        seen.push(cached.alliance.version)
        return
      }
      const roster = rosterOf(latest)
      await views.get('a-other')
      await views.put(roster)
    }
    const write = async (token: string) => {
      await views.begin(mark(token), future)
      latest += 1
      const made = rosterOf(latest)
      await views.get('a-other')
      await views.finish(mark(token), made)
    }
    for (let round = 0; round < 30; round++) {
      const before = latest
      await Promise.all([read(), write(`t-${round}`), read(), write(`u-${round}`), read()])
      const after = await version()
      expect(after === undefined || after === latest).toBe(true)
      expect(latest).toBe(before + 2)
      await read()
      expect(await version()).toBe(latest)
    }
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  })
}
