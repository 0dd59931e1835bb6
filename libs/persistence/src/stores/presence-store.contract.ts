import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestStores } from '../test-support/test-stores.ts'
import type { PresenceStore } from './presence-store.ts'

/** What every presence store does. */
export function presenceStoreContract(open: () => Promise<TestStores>): void {
  let opened: TestStores
  let presence: PresenceStore
  beforeEach(async () => {
    opened = await open()
    presence = opened.stores.presence
  })
  afterEach(() => opened.close())

  const ann = {
    rid: 'r-1',
    uid: 'u-1',
    name: 'Ánn 安',
    gateId: 'gate-a',
    sessionId: 's-1',
    sessionEpoch: 1_767_225_600_000_123,
  }
  const again = { ...ann, gateId: 'gate-b', sessionId: 's-2', sessionEpoch: ann.sessionEpoch + 1 }

  test('a role is online from enter to leave', async () => {
    expect(await presence.get('r-1')).toBeUndefined()
    expect(await presence.enter(ann)).toBe(true)
    expect(await presence.get('r-1')).toEqual(ann)
    expect(await presence.leave('r-1', ann.sessionEpoch)).toEqual(ann)
    expect(await presence.get('r-1')).toBeUndefined()
    expect(await presence.leave('r-1', ann.sessionEpoch)).toBeUndefined()
    expect(await opened.count()).toBe(0)
  })

  test('entering again with the same session changes nothing, with a newer one replaces', async () => {
    await presence.enter(ann)
    expect(await presence.enter(ann)).toBe(true)
    expect(await presence.enter(again)).toBe(true)
    expect(await presence.get('r-1')).toEqual(again)
  })

  test('an older session neither enters over a newer one nor removes it', async () => {
    await presence.enter(again)
    expect(await presence.enter(ann)).toBe(false)
    expect(await presence.leave('r-1', ann.sessionEpoch)).toBeUndefined()
    expect(await presence.get('r-1')).toEqual(again)
  })

  test('a role that is online can be renamed, one that is offline stays so', async () => {
    expect(await presence.rename('r-1', 'Bob')).toBe(false)
    expect(await presence.get('r-1')).toBeUndefined()
    await presence.enter(ann)
    expect(await presence.rename('r-1', 'Bob')).toBe(true)
    expect(await presence.get('r-1')).toEqual({ ...ann, name: 'Bob' })
  })
}
