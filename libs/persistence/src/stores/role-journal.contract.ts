import { HydraError } from '@hydra/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { roleDataMaxChars } from '../encode-snapshot.ts'
import type { RoleSnapshot } from '../role-snapshot.ts'
import type { TestStores } from '../test-support/test-stores.ts'
import type { RoleJournal } from './role-journal.ts'

/** What every role journal does. */
export function roleJournalContract(open: () => Promise<TestStores>): void {
  let opened: TestStores
  let journal: RoleJournal
  beforeEach(async () => {
    opened = await open()
    journal = opened.stores.roleJournal
  })
  afterEach(() => opened.close())

  const snapshot = (epoch: number, version: number, rid = 'r-1'): RoleSnapshot => ({
    rid,
    uid: 'u-1',
    name: 'Ánn 安',
    level: 7,
    epoch,
    version,
    schema: 2,
    data: { exp: 12, bag: [{ item: 'x', count: 3 }], deep: { a: null, b: true, c: 'ü' }, v: version },
  })
  const own = async (rid = 'r-1', owner = 'game-a', replaces?: string): Promise<number> => {
    const acquired = await journal.acquire(rid, owner, replaces === undefined ? {} : { replaces })
    if (!acquired.owned) throw new Error(`${rid} belongs to ${acquired.owner}`)
    return acquired.epoch
  }

  describe('ownership', () => {
    test('the first to acquire owns; acquiring again fences off what it had under way', async () => {
      const epoch = await own()
      await journal.append([snapshot(epoch, 1)])
      const again = await journal.acquire('r-1', 'game-a')
      expect(again).toMatchObject({ owned: true, snapshot: snapshot(epoch, 1) })
      expect(again.owned && again.epoch > epoch).toBe(true)
      expect(await journal.append([snapshot(epoch, 2)])).toEqual({ fenced: ['r-1'] })
    })

    test('a foreign owner is named, and replaced only when it is the one that was seen leaving', async () => {
      const epoch = await own()
      expect(await journal.acquire('r-1', 'game-b')).toEqual({ owned: false, owner: 'game-a' })
      expect(await journal.acquire('r-1', 'game-b', { replaces: 'game-x' })).toEqual({
        owned: false,
        owner: 'game-a',
      })
      expect(await own('r-1', 'game-b', 'game-a')).toBeGreaterThan(epoch)
      expect(await journal.acquire('r-1', 'game-a')).toEqual({ owned: false, owner: 'game-b' })
    })

    test('of many at once exactly one becomes the owner', async () => {
      const owners = Array.from({ length: 20 }, (_, index) => `game-${index}`)
      const answers = await Promise.all(owners.map((owner) => journal.acquire('r-1', owner)))
      expect(answers.filter(({ owned }) => owned)).toHaveLength(1)
    })

    test('epochs are safe integers and grow across release and a loss of the store', async () => {
      const epochs = [await own()]
      await journal.release('r-1', epochs[0] ?? 0)
      epochs.push(await own('r-1', 'game-b'))
      journal = (await opened.lose()).roleJournal
      epochs.push(await own('r-1', 'game-a'))
      expect(epochs.every((epoch) => Number.isSafeInteger(epoch))).toBe(true)
      expect(epochs).toEqual(epochs.toSorted((a, b) => a - b))
      expect(new Set(epochs).size).toBe(3)
    })

    test('after a loss, an owner that writes on is fenced off by the next one', async () => {
      const epoch = await own()
      journal = (await opened.lose()).roleJournal
      expect(await journal.append([snapshot(epoch, 4)])).toEqual({ fenced: [] })
      const next = await journal.acquire('r-1', 'game-b')
      expect(next).toMatchObject({ owned: true, snapshot: snapshot(epoch, 4) })
      expect(next.owned && next.epoch > epoch).toBe(true)
      expect(await journal.append([snapshot(epoch, 5)])).toEqual({ fenced: ['r-1'] })
    })
  })

  describe('snapshots', () => {
    test('the latest comes back as it was', async () => {
      const epoch = await own()
      expect(await journal.read('r-1')).toBeUndefined()
      expect(await journal.append([snapshot(epoch, 1)])).toEqual({ fenced: [] })
      expect(await journal.append([snapshot(epoch, 2)])).toEqual({ fenced: [] })
      expect(await journal.read('r-1')).toEqual(snapshot(epoch, 2))
    })

    test('older versions are refused, the same one again is not', async () => {
      const epoch = await own()
      await journal.append([snapshot(epoch, 5)])
      expect(await journal.append([snapshot(epoch, 5)])).toEqual({ fenced: [] })
      expect(await journal.append([snapshot(epoch, 4)])).toEqual({ fenced: ['r-1'] })
      await journal.settle([snapshot(epoch, 5)])
      expect(await journal.append([snapshot(epoch, 4)])).toEqual({ fenced: ['r-1'] })
      expect(await journal.append([snapshot(epoch, 5)])).toEqual({ fenced: [] })
      expect(await journal.read('r-1')).toBeUndefined()
    })

    test('a former owner is refused even with a larger version, and the takeover gets its last snapshot', async () => {
      const old = await own()
      await journal.append([snapshot(old, 5)])
      const taken = await journal.acquire('r-1', 'game-b', { replaces: 'game-a' })
      expect(taken).toMatchObject({ owned: true, snapshot: snapshot(old, 5) })
      expect(await journal.append([snapshot(old, 99)])).toEqual({ fenced: ['r-1'] })
      const epoch = taken.owned ? taken.epoch : 0
      expect(await journal.append([snapshot(epoch, 6)])).toEqual({ fenced: [] })
      expect(await journal.read('r-1')).toEqual(snapshot(epoch, 6))
    })

    test('one batch answers for each of its roles', async () => {
      const epochs = [await own('r-1'), await own('r-2'), await own('r-3', 'game-b')]
      const batch = epochs.map((epoch, index) =>
        snapshot(index === 1 ? epoch - 1 : epoch, 1, `r-${index + 1}`),
      )
      expect(await journal.append(batch)).toEqual({ fenced: ['r-2'] })
      expect(await journal.read('r-3')).toEqual(batch[2])
    })

    test('an empty batch does nothing', async () => {
      expect(await journal.append([])).toEqual({ fenced: [] })
      await journal.settle([])
    })

    test('more data than a role may have is refused', async () => {
      const epoch = await own()
      const large = { ...snapshot(epoch, 1), data: { text: 'x'.repeat(roleDataMaxChars) } }
      await expect(journal.append([large])).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' })
      await expect(journal.append([large])).rejects.toBeInstanceOf(HydraError)
      expect(await journal.read('r-1')).toBeUndefined()
    })
  })

  describe('settling', () => {
    test('removes what is not newer than what was saved', async () => {
      const epoch = await own()
      await journal.append([snapshot(epoch, 5)])
      await journal.settle([snapshot(epoch, 4)])
      expect(await journal.read('r-1')).toEqual(snapshot(epoch, 5))
      await journal.settle([snapshot(epoch, 5)])
      expect(await journal.read('r-1')).toBeUndefined()
      expect(await journal.unsaved(10)).toEqual([])
    })

    test('of a role that nobody owns removes all keys', async () => {
      await journal.append([snapshot(5, 1)])
      expect(await journal.unsaved(10)).toEqual([{ rid: 'r-1', owner: undefined }])
      await journal.settle([snapshot(5, 1)])
      expect(await journal.unsaved(10)).toEqual([])
      expect(await opened.count()).toBe(0)
    })
  })

  describe('release', () => {
    test('gives the role up for anybody', async () => {
      const epoch = await own()
      await journal.append([snapshot(epoch, 1)])
      await journal.settle([snapshot(epoch, 1)])
      expect(await journal.release('r-1', epoch)).toBe(true)
      expect(await journal.release('r-1', epoch)).toBe(true)
      expect(await opened.count()).toBeLessThanOrEqual(2)
      expect(await journal.acquire('r-1', 'game-b')).toMatchObject({ owned: true })
    })

    test('fences off the former owners too, who have no keys to be measured by any more', async () => {
      const former = await own()
      const epoch = await own('r-1', 'game-b', 'game-a')
      await journal.release('r-1', epoch)
      expect(await journal.append([snapshot(former, 9)])).toEqual({ fenced: ['r-1'] })
      expect(await journal.append([snapshot(epoch, 9)])).toEqual({ fenced: ['r-1'] })
      expect(await journal.read('r-1')).toBeUndefined()
    })

    test('is refused while something is unsaved, and for an older epoch', async () => {
      const epoch = await own()
      await journal.append([snapshot(epoch, 1)])
      expect(await journal.release('r-1', epoch)).toBe(false)
      expect(await journal.read('r-1')).toEqual(snapshot(epoch, 1))
      await journal.settle([snapshot(epoch, 1)])
      await own('r-1', 'game-b', 'game-a')
      expect(await journal.release('r-1', epoch)).toBe(false)
      expect(await journal.acquire('r-1', 'game-c')).toEqual({ owned: false, owner: 'game-b' })
    })
  })

  describe('owners', () => {
    test('are told for each role, and the roles for each owner, page by page', async () => {
      const epochs = [await own('r-1'), await own('r-2', 'game-b'), await own('r-3'), await own('r-4')]
      expect(await journal.ownersOf(['r-3', 'r-none', 'r-2'])).toEqual([
        { owner: 'game-a', epoch: epochs[2] },
        undefined,
        { owner: 'game-b', epoch: epochs[1] },
      ])
      expect(await journal.ownersOf([])).toEqual([])
      expect([...(await journal.owners())].toSorted()).toEqual(['game-a', 'game-b'])
      expect(await journal.ownedBy('game-a', 2)).toEqual([
        { rid: 'r-1', epoch: epochs[0] },
        { rid: 'r-3', epoch: epochs[2] },
      ])
      expect(await journal.ownedBy('game-a', 2, 'r-3')).toEqual([{ rid: 'r-4', epoch: epochs[3] }])
      expect(await journal.ownedBy('game-none', 2)).toEqual([])
    })

    test('follow takeovers and releases', async () => {
      await own('r-1')
      const epoch = await own('r-1', 'game-b', 'game-a')
      expect(await journal.owners()).toEqual(['game-b'])
      expect(await journal.ownedBy('game-a', 9)).toEqual([])
      await journal.release('r-1', epoch)
      expect(await journal.owners()).toEqual([])
      expect(await journal.ownedBy('game-b', 9)).toEqual([])
    })

    test('who was forgotten by the store is not listed any more', async () => {
      const epoch = await own()
      // A snapshot of an epoch that the store never gave out: nobody knows whose it is.
      await journal.append([snapshot(epoch + 5, 1)])
      expect(await journal.ownersOf(['r-1'])).toEqual([undefined])
      expect(await journal.ownedBy('game-a', 9)).toEqual([])
      expect(await journal.owners()).toEqual([])
    })
  })

  test('an epoch is above the one that the caller knows of', async () => {
    const above = (await own()) + 1_000_000_000
    const acquired = await journal.acquire('r-2', 'game-a', { above })
    expect(acquired.owned && acquired.epoch > above).toBe(true)
    expect(await own('r-3')).toBeGreaterThan(above)
  })

  test('one server at a time recovers', async () => {
    expect(await journal.claimRecovery('game-a')).toBe('game-a')
    expect(await journal.claimRecovery('game-a')).toBe('game-a')
    expect(await journal.claimRecovery('game-b')).toBe('game-a')
    expect(await journal.claimRecovery('game-b', { replaces: 'game-x' })).toBe('game-a')
    await journal.leaveRecovery('game-b')
    expect(await journal.claimRecovery('game-b')).toBe('game-a')
    expect(await journal.claimRecovery('game-b', { replaces: 'game-a' })).toBe('game-b')
    await journal.leaveRecovery('game-b')
    expect(await journal.claimRecovery('game-c')).toBe('game-c')
  })

  test('unsaved roles are listed with their owners, page by page', async () => {
    const rids = ['r-1', 'r-2', 'r-3', 'r-4']
    for (const rid of rids) {
      const epoch = await own(rid, rid === 'r-3' ? 'game-b' : 'game-a')
      if (rid !== 'r-2') await journal.append([snapshot(epoch, 1, rid)])
    }
    expect(await journal.unsaved(2)).toEqual([
      { rid: 'r-1', owner: 'game-a' },
      { rid: 'r-3', owner: 'game-b' },
    ])
    expect(await journal.unsaved(2, 'r-3')).toEqual([{ rid: 'r-4', owner: 'game-a' }])
    expect(await journal.unsaved(2, 'r-4')).toEqual([])
  })
}
