import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestStores } from '../test-support/test-stores.ts'
import type { ChatMarkers } from './chat-markers.ts'
import type { StoreLimits } from './stores.ts'

/** What all markers of a chat do. */
export function chatMarkersContract(open: (limits: StoreLimits) => Promise<TestStores>): void {
  let opened: TestStores
  let markers: ChatMarkers
  beforeEach(async () => {
    opened = await open({ chatConversationsMax: 3 })
    markers = opened.stores.chatMarkers
  })
  afterEach(() => opened.close())

  const where = async (...channels: string[]) => markers.get('ann', channels)

  test('a marker moves forward and never back', async () => {
    expect(await where('world', 'system')).toEqual([0, 0])
    expect(await where()).toEqual([])
    expect(await markers.move('ann', 'world', 7)).toBe(7)
    expect(await markers.move('ann', 'world', 5)).toBe(7)
    expect(await markers.move('ann', 'world', 7)).toBe(7)
    expect(await markers.move('ann', 'world', 12)).toBe(12)
    expect(await where('system', 'world')).toEqual([0, 12])
    expect(await markers.get('bob', ['world'])).toEqual([0])
  })

  test('of moves at the same time, through several connections, the furthest stays', async () => {
    const others = [markers, (await opened.another()).chatMarkers, (await opened.another()).chatMarkers]
    const seqs = Array.from({ length: 60 }, (_, index) => ((index * 37) % 60) + 1)
    const answers = await Promise.all(
      seqs.map((seq, index) => (others[index % others.length] ?? markers).move('ann', 'world', seq)),
    )
    expect(await where('world')).toEqual([60])
    for (const [index, seq] of seqs.entries()) expect(answers[index]).toBeGreaterThanOrEqual(seq)
  })

  test('a marker begins only where there is none; one at 0 is one', async () => {
    await markers.begin('ann', [])
    await markers.move('ann', 'world', 3)
    await markers.begin('ann', [
      { channel: 'world', seq: 9 },
      { channel: 'system', seq: 4 },
      { channel: 'alliance-1', seq: 0 },
    ])
    await markers.begin('ann', [{ channel: 'alliance-1', seq: 8 }])
    expect(await where('world', 'system', 'alliance-1')).toEqual([3, 4, 0])
  })

  test('markers of channels that were left are forgotten', async () => {
    await markers.begin('ann', [
      { channel: 'alliance-1', seq: 3 },
      { channel: 'team-1', seq: 4 },
    ])
    await markers.remove('ann', [])
    await markers.remove('ann', ['alliance-1', 'team-2'])
    expect(await where('alliance-1', 'team-1')).toEqual([0, 4])
    await markers.remove('ann', ['team-1'])
    await markers.remove('bob', ['team-1'])
    expect(await opened.count()).toBe(0)
  })

  const channelOf = (a: string, b: string) => `private-${[a, b].toSorted().join('.')}`
  const talk = (a: string, b: string, atMs: number) => markers.talked([a, b], atMs)
  const partners = async (rid: string, limit = 10) =>
    (await markers.conversations(rid, limit)).map(({ rid: other, lastAtMs }) => [other, lastAtMs])

  test('who has talked is noted for both, the latest first', async () => {
    expect(await partners('ann')).toEqual([])
    await talk('ann', 'bob', 10)
    await talk('cid', 'ann', 20)
    expect(await partners('ann')).toEqual([
      ['cid', 20],
      ['bob', 10],
    ])
    expect(await partners('bob')).toEqual([['ann', 10]])
    await talk('bob', 'ann', 30)
    await talk('ann', 'bob', 25)
    expect(await partners('ann', 1)).toEqual([['bob', 30]])
    expect(await partners('ann', 0)).toEqual([])
    expect(await partners('bob')).toEqual([['ann', 30]])
  })

  test('the latest conversations are kept, and one that falls out takes its marker along', async () => {
    // Names that a locale would put in another order than bytes do.
    const others = ['Zoe', 'a_b', 'a-b', 'bob']
    for (const [index, other] of others.entries()) {
      await markers.begin('ann', [{ channel: channelOf('ann', other), seq: index + 1 }])
      await markers.move(other, channelOf('ann', other), 9)
    }
    await markers.move('ann', 'world', 8)
    for (const [index, other] of others.entries()) await talk(other, 'ann', 10 + index)
    expect(await partners('ann')).toEqual([
      ['bob', 13],
      ['a-b', 12],
      ['a_b', 11],
    ])
    expect(await where(...others.map((other) => channelOf('ann', other)), 'world')).toEqual([0, 2, 3, 4, 8])
    // The other one has not that many.
    expect(await partners('Zoe')).toEqual([['ann', 10]])
    expect(await markers.get('Zoe', [channelOf('ann', 'Zoe')])).toEqual([9])
    await talk('dan', 'ann', 1)
    expect(await partners('ann', 10)).toHaveLength(3)
    for (const [index, other] of ['u', 'v', 'w'].entries()) await talk(other, 'ann', 100 + index)
    expect(await where(...others.map((other) => channelOf('ann', other)), 'world')).toEqual([0, 0, 0, 0, 8])
  })

  test('lost conversations are restored for one side, beside those that came since', async () => {
    await talk('ann', 'bob', 10)
    await markers.restore('ann', [])
    markers = (await opened.lose()).chatMarkers
    expect(await markers.isRestored('ann')).toBe(false)
    await talk('ann', 'cid', 40)
    expect(await markers.isRestored('ann')).toBe(false)
    await markers.begin('ann', [{ channel: channelOf('ann', 'old'), seq: 7 }])
    await markers.restore('ann', [
      { rid: 'cid', lastAtMs: 30 },
      { rid: 'bob', lastAtMs: 20 },
      { rid: 'dan', lastAtMs: 15 },
      { rid: 'old', lastAtMs: 10 },
    ])
    expect(await markers.isRestored('ann')).toBe(true)
    expect(await partners('ann')).toEqual([
      ['cid', 40],
      ['bob', 20],
      ['dan', 15],
    ])
    expect(await where(channelOf('ann', 'old'))).toEqual([0])
    expect(await partners('bob')).toEqual([])
    expect(await markers.isRestored('bob')).toBe(false)
    await markers.restore('bob', [])
    expect(await markers.isRestored('bob')).toBe(true)
  })
}
