import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestStores } from '../test-support/test-stores.ts'
import type { ChatTeams } from './chat-teams.ts'

/** What every store of teams does. */
export function chatTeamsContract(open: () => Promise<TestStores>): void {
  let opened: TestStores
  let teams: ChatTeams
  beforeEach(async () => {
    opened = await open()
    teams = opened.stores.chatTeams
  })
  afterEach(() => opened.close())

  const sorted = (change: Awaited<ReturnType<ChatTeams['replace']>>) =>
    change && { joined: change.joined.toSorted(), left: change.left.toSorted() }

  test('a change tells who came and who went', async () => {
    expect(await teams.teamOf('a')).toBeUndefined()
    expect(sorted(await teams.replace('t', 1, ['a', 'b', 'a']))).toEqual({ joined: ['a', 'b'], left: [] })
    expect(sorted(await teams.replace('t', 2, ['b', 'c']))).toEqual({ joined: ['c'], left: ['a'] })
    expect(await Promise.all(['a', 'b', 'c'].map((rid) => teams.teamOf(rid)))).toEqual([undefined, 't', 't'])
  })

  test('a change that is not newer changes nothing, also when the team is no more', async () => {
    await teams.replace('t', 2, ['a'])
    expect(await teams.replace('t', 2, ['b'])).toBeUndefined()
    expect(await teams.replace('t', 1, ['b'])).toBeUndefined()
    expect(sorted(await teams.replace('t', 3, []))).toEqual({ joined: [], left: ['a'] })
    expect(await teams.replace('t', 2, ['a'])).toBeUndefined()
    expect(await teams.teamOf('a')).toBeUndefined()
  })

  test('a change that is repeated tells the same again, until it is settled', async () => {
    await teams.replace('t', 1, ['a', 'b', 'c'])
    await teams.settled('t', 1)
    await teams.replace('t', 2, ['a', 'b'])
    const again = await teams.replace('t', 2, ['b', 'a'])
    expect(sorted(again)).toEqual({ joined: ['a', 'b'], left: ['c'] })
    // Nobody knows whether gates have heard of the former one; who is back has not left.
    expect(sorted(await teams.replace('t', 3, ['a']))).toEqual({ joined: [], left: ['b', 'c'] })
    await teams.settled('t', 2)
    expect(sorted(await teams.replace('t', 4, ['a', 'c']))).toEqual({ joined: ['c'], left: ['b'] })
    await teams.settled('t', 4)
    expect(sorted(await teams.replace('t', 5, []))).toEqual({ joined: [], left: ['a', 'c'] })
  })

  test('a role that comes to another team has left the former one', async () => {
    await teams.replace('one', 1, ['a', 'b'])
    expect(sorted(await teams.replace('two', 1, ['a']))).toEqual({ joined: ['a'], left: [] })
    // What the former one says later does not take it out of the new one.
    expect(sorted(await teams.replace('one', 2, ['b']))).toEqual({ joined: [], left: [] })
    expect(await teams.teamOf('a')).toBe('two')
  })
}
