import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestStores } from '../test-support/test-stores.ts'
import { teamLimits, type TeamStore } from './teams.ts'

/** What every store of teams does. */
export function teamsContract(open: () => Promise<TestStores>): void {
  let opened: TestStores
  let teams: TeamStore
  beforeEach(async () => {
    opened = await open()
    teams = opened.stores.teams
  })
  afterEach(() => opened.close())

  const put = (teamId: string, version: number, rids: readonly string[], atMs = 1_000, from = teams) =>
    from.put({ teamId, version, rids, data: { note: `${version}` } }, { atMs, tellAgainAtMs: atMs + 10 })
  const teamsOf = async (...rids: readonly string[]) =>
    (await Promise.all(rids.map((rid) => teams.ofRole(rid)))).map((team) => team?.teamId)
  const stored = { stored: true }

  test('a team is found by its id and by each of its members', async () => {
    expect(await teams.get('t')).toBeUndefined()
    expect(await teams.ofRole('a')).toBeUndefined()
    const data = { list: [], nothing: null, deep: { empty: {}, text: 'ü"\\', number: 1.5 } }
    expect(
      await teams.put({ teamId: 't', version: 1, rids: ['b', 'a'], data }, { atMs: 5, tellAgainAtMs: 6 }),
    ).toEqual(stored)
    const found = await teams.get('t')
    expect(found).toEqual({
      teamId: 't',
      version: 1,
      rids: ['b', 'a'],
      data,
      changedAtMs: 5,
      told: false,
      seenAtMs: new Map([
        ['a', 5],
        ['b', 5],
      ]),
    })
    expect(await teams.ofRole('a')).toEqual(found)
    expect(await teams.ofRole('b')).toEqual(found)
  })

  test('a change is stored after the one that it comes after, and after no other', async () => {
    expect(await put('t', 2, ['a'])).toEqual({ stored: false, taken: undefined })
    expect(await put('t', 1, ['a'])).toEqual(stored)
    for (const version of [0, 1, 3]) {
      expect(await put('t', version, ['b'])).toEqual({ stored: false, taken: undefined })
    }
    expect(await put('t', 2, ['b', 'c'])).toEqual(stored)
    expect(await teamsOf('a', 'b', 'c')).toEqual([undefined, 't', 't'])
    expect(await teams.get('t')).toMatchObject({ version: 2, rids: ['b', 'c'], data: { note: '2' } })
  })

  test('a role is in one team at most', async () => {
    await put('t', 1, ['a'])
    await put('u', 1, ['b'])
    expect(await put('u', 2, ['b', 'a'])).toEqual({ stored: false, taken: 'a' })
    expect(await put('v', 1, ['b'])).toEqual({ stored: false, taken: 'b' })
    expect(await teams.get('u')).toMatchObject({ version: 1, rids: ['b'] })
    expect(await teams.get('v')).toBeUndefined()
    await put('t', 2, [])
    expect(await put('u', 2, ['b', 'a'])).toEqual(stored)
    expect(await teamsOf('a', 'b')).toEqual(['u', 'u'])
  })

  test('of many changes at once one is stored, on whichever connection', async () => {
    await put('t', 1, ['a'])
    const others = await Promise.all(Array.from({ length: 4 }, () => opened.another()))
    const put2 = (index: number) => put('t', 2, ['a', `r${index}`], 1_000, others[index % 4]?.teams)
    const made = await Promise.all(Array.from({ length: 20 }, (_, index) => put2(index)))
    expect(made.filter((one) => one.stored)).toHaveLength(1)
    const winner = made.findIndex((one) => one.stored)
    expect(await teams.get('t')).toMatchObject({ version: 2, rids: ['a', `r${winner}`] })
  })

  test('of many teams that want a role at once one gets it', async () => {
    const others = await Promise.all(Array.from({ length: 4 }, () => opened.another()))
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, index) => put(`t${index}`, 1, ['a'], 1_000, others[index % 4]?.teams)),
    )
    expect(made.filter((one) => one.stored)).toHaveLength(1)
    expect(await teamsOf('a')).toEqual([`t${made.findIndex((one) => one.stored)}`])
  })

  test('a team that has ended stays until everybody was told, and leaves nothing', async () => {
    await put('t', 1, ['a'])
    await put('t', 2, [])
    expect(await teams.get('t')).toMatchObject({ version: 2, rids: [], told: false })
    expect(await teamsOf('a')).toEqual([undefined])
    await teams.told('t', 1)
    expect(await teams.get('t')).toBeDefined()
    await teams.told('t', 2)
    await teams.told('t', 2)
    expect(await teams.get('t')).toBeUndefined()
    expect(await opened.count()).toBe(0)
  })

  test('what was not told is due, once for all who ask, until it is told', async () => {
    await put('t', 1, ['a'], 1_000)
    await put('u', 1, ['b'], 1_020)
    await put('v', 1, ['c'], 1_010)
    expect(await teams.untold(1_009, 2_000, 10)).toEqual([])
    expect(await teams.untold(1_030, 2_000, 2)).toEqual(['t', 'v'])
    expect(await teams.untold(1_030, 2_000, 2)).toEqual(['u'])
    expect(await teams.untold(1_999, 3_000, 2)).toEqual([])
    await teams.told('t', 1)
    expect(await teams.get('t')).toMatchObject({ told: true })
    await put('v', 2, ['c', 'd'], 1_995)
    await teams.told('v', 1)
    expect(await teams.untold(2_000, 3_000, 10)).toEqual(['u'])
    expect(await teams.untold(2_005, 3_000, 10)).toEqual(['v'])
    expect(await teams.get('v')).toMatchObject({ told: false })
  })

  test('who is seen is noted, and who has not been for the longest is told', async () => {
    expect(await teams.seen([], 1)).toEqual([])
    expect(await teams.seen(['a', 'nobody'], 1)).toEqual([])
    await put('t', 1, ['a', 'b'], 100)
    await put('u', 1, ['c'], 200)
    expect(await teams.seen(['a', 'c', 'x'], 300)).toEqual([
      { teamId: 't', changedAtMs: 100, leastSeenAtMs: 100 },
      { teamId: 'u', changedAtMs: 200, leastSeenAtMs: 300 },
    ])
    await put('t', 2, ['a', 'b', 'd'], 400)
    expect((await teams.get('t'))?.seenAtMs).toEqual(
      new Map([
        ['a', 300],
        ['b', 100],
        ['d', 400],
      ]),
    )
    await put('t', 3, ['a', 'd'], 500)
    expect(await teams.seen(['d', 'b', 'a'], 600)).toEqual([
      { teamId: 't', changedAtMs: 500, leastSeenAtMs: 600 },
    ])
    // Whoever comes back was not seen before.
    await put('t', 4, ['a', 'd', 'b'], 700)
    expect((await teams.get('t'))?.seenAtMs.get('b')).toBe(700)
  })

  test('there are no teams after a loss of the store', async () => {
    await put('t', 1, ['a'])
    teams = (await opened.lose()).teams
    expect(await teams.get('t')).toBeUndefined()
    expect(await teamsOf('a')).toEqual([undefined])
    expect(await put('t', 2, ['a'])).toEqual({ stored: false, taken: undefined })
    await teams.told('t', 1)
    expect(await teams.untold(9_999, 9_999, 10)).toEqual([])
    expect(await put('u', 1, ['a'])).toEqual(stored)
  })
}

/** What a store does of which a test moves the clock. */
export function teamsExpiryContract(open: () => Promise<TestStores>): void {
  test('a team that nobody changes or sees is forgotten', async () => {
    const { stores, clock } = await open()
    const { teams } = stores
    const put = (teamId: string, version: number, rids: readonly string[]) =>
      teams.put({ teamId, version, rids, data: {} }, { atMs: 0, tellAgainAtMs: 0 })
    await put('t', 1, ['a', 'b'])
    await put('u', 1, ['c'])
    clock.advance(teamLimits.keepMs - 1)
    await teams.seen(['b'], 1)
    clock.advance(1)
    expect(await teams.get('u')).toBeUndefined()
    expect(await teams.untold(0, 1, 10)).toEqual(['t'])
    expect(await put('v', 1, ['c'])).toEqual({ stored: true })
    // Who was not seen is in its team for as long as that is there.
    expect(await put('w', 1, ['a'])).toEqual({ stored: false, taken: 'a' })
    clock.advance(teamLimits.keepMs - 1)
    expect(await teams.ofRole('a')).toBeUndefined()
    expect(await put('w', 1, ['a'])).toEqual({ stored: true })
  })
}
