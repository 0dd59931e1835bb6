import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TestStores } from '../test-support/test-stores.ts'
import type { SessionStore } from './session-store.ts'

/** What every session store does. */
export function sessionStoreContract(open: () => Promise<TestStores>): void {
  let opened: TestStores
  let sessions: SessionStore
  beforeEach(async () => {
    opened = await open()
    sessions = opened.stores.sessions
  })
  afterEach(() => opened.close())

  const first = { uid: 'u-1', gateId: 'gate-a', sessionId: 's-1' }
  const second = { uid: 'u-1', gateId: 'gate-b', sessionId: 's-2' }

  test('an account without session has none', async () => {
    expect(await sessions.get('u-1')).toBeUndefined()
    expect(await sessions.release('u-1', 's-1')).toBe(false)
  })

  test('a second session replaces the first and hands it back with its epoch', async () => {
    const one = await sessions.bind(first)
    expect(one.replaced).toBeUndefined()
    const two = await sessions.bind(second)
    expect(two.replaced).toEqual({ ...first, epoch: one.epoch })
    expect(two.epoch).toBeGreaterThan(one.epoch)
    expect(await sessions.get('u-1')).toEqual({ ...second, epoch: two.epoch })
  })

  test('accounts do not see each other', async () => {
    await sessions.bind(first)
    expect((await sessions.bind({ ...first, uid: 'u-2' })).replaced).toBeUndefined()
  })

  test('releasing an older session leaves the newer one', async () => {
    await sessions.bind(first)
    await sessions.bind(second)
    expect(await sessions.release('u-1', 's-1')).toBe(false)
    expect(await sessions.get('u-1')).toMatchObject({ sessionId: 's-2' })
    expect(await sessions.release('u-1', 's-2')).toBe(true)
    expect(await sessions.get('u-1')).toBeUndefined()
    expect(await sessions.release('u-1', 's-2')).toBe(false)
  })

  test('epochs are safe integers and grow across releases and a loss of the store', async () => {
    const epochs = [(await sessions.bind(first)).epoch]
    await sessions.release('u-1', 's-1')
    epochs.push((await sessions.bind(second)).epoch)
    sessions = (await opened.lose()).sessions
    const after = await sessions.bind(first)
    expect(after.replaced).toBeUndefined()
    epochs.push(after.epoch)
    expect(epochs.every((epoch) => Number.isSafeInteger(epoch))).toBe(true)
    expect(epochs).toEqual(epochs.toSorted((a, b) => a - b))
    expect(new Set(epochs).size).toBe(3)
  })

  test('of many logins at once exactly one is left and each other was handed back once', async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `s-${index}`)
    const bound = await Promise.all(ids.map((sessionId) => sessions.bind({ ...first, sessionId })))
    const replaced = bound.flatMap((answer) => answer.replaced?.sessionId ?? [])
    const left = await sessions.get('u-1')
    expect([...replaced, left?.sessionId].toSorted()).toEqual(ids.toSorted())
    expect(left?.epoch).toBe(Math.max(...bound.map(({ epoch }) => epoch)))
  })
}
