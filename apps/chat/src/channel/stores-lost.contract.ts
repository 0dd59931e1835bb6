import type { ChatArchive } from '@hydra/persistence'
import { HydraError, routes } from '@hydra/protocol'
import type { RoleSession } from '@hydra/rpc'
import { eventually } from '@hydra/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ChatWorld } from '../test-support/chat-world.ts'
import type { TestBackends } from '../test-support/test-backends.ts'
import type { TestGate } from '../test-support/test-gate.ts'

const { send, history, list, read, join } = routes.chat.channel

/** What roles find of their channels when Redis has lost its data. `open` is called for each test. */
export function storesLostContract(open: () => Promise<TestBackends>): void {
  let backends: TestBackends
  let world: ChatWorld
  let gate: TestGate
  let isArchiveAway: boolean

  beforeEach(async () => {
    isArchiveAway = false
    backends = await open()
    const { storage } = backends
    const chatArchive = unless(() => isArchiveAway, storage.chatArchive)
    world = new ChatWorld({ ...backends, storage: { ...storage, chatArchive } })
    await world.startChat({ alliance: { price: 0 } })
    gate = (await world.startGate()).gate
    for (const name of ['Ada', 'Bob', 'Eve']) await store(name)
  })
  afterEach(() => world.close())

  const store = (name: string) =>
    world.storage.roles.create(
      { rid: `rid-${name}`, uid: `uid-${name}`, name, level: 1, epoch: 0, version: 0, schema: 1, data: {} },
      { maxPerAccount: 8 },
    )
  const player = async (name: string, epoch = 1): Promise<RoleSession> => {
    const session = gate.open(`uid-${name}`, `rid-${name}`, epoch)
    await gate.enter(session, name)
    return session
  }
  const say = async (session: RoleSession, channel: string, text: string) =>
    (await gate.request(session, send, { channel, text })).seq
  const channelsOf = async (session: RoleSession) => (await gate.request(session, list, {})).channels
  const stateOf = async (session: RoleSession, channel: string) =>
    (await channelsOf(session)).find((each) => each.channel === channel)
  const talksOf = async (session: RoleSession) =>
    (await channelsOf(session)).filter(({ kind }) => kind === 'private').map(({ channel }) => channel)
  const textsOf = async (session: RoleSession, channel: string) =>
    (await gate.request(session, history, { channel })).messages.map(({ text }) => text)
  const archived = () =>
    eventually(async () => {
      world.clock.advance(500)
      return (await world.storage.stores.chatLog.unarchived(1)).length === 0
    })
  const lose = async () => {
    await archived()
    await backends.loseStores()
  }

  it('a private message is found by a role that was offline, who answers it', async () => {
    const ada = await player('Ada')
    for (const text of ['one', 'two', 'three']) await say(ada, 'private-rid-Bob', text)
    await lose()
    const bob = await player('Bob')
    const channel = 'private-rid-Ada'
    expect(await stateOf(bob, channel)).toEqual({
      channel,
      kind: 'private',
      lastSeq: 3,
      readSeq: 0,
      unread: 3,
    })
    expect(await gate.request(bob, history, { channel })).toMatchObject({
      messages: [{ text: 'one' }, { text: 'two' }, { text: 'three' }],
      lastSeq: 3,
    })
    expect(await gate.request(bob, history, { channel, beforeSeq: 2 })).toMatchObject({
      messages: [{ text: 'one' }],
      lastSeq: 3,
    })
    expect(await gate.request(bob, read, { channel, seq: 2 })).toEqual({ readSeq: 2, unread: 1 })
    expect(await gate.request(bob, read, { channel, seq: 99 })).toEqual({ readSeq: 3, unread: 0 })
    const seq = await say(bob, channel, 'here')
    expect(seq).toBeGreaterThan(10_000)
    expect(await stateOf(bob, channel)).toMatchObject({ lastSeq: seq, readSeq: seq, unread: 0 })
    // Her session goes on, but nobody is noted as present any more.
    expect(await gate.request(ada, join, { channel: 'private-rid-Bob' })).toMatchObject({ lastSeq: seq })
    expect(await stateOf(ada, 'private-rid-Bob')).toMatchObject({ lastSeq: seq, unread: 1 })
    expect(await textsOf(ada, 'private-rid-Bob')).toEqual(['one', 'two', 'three', 'here'])
  })

  it('a conversation that comes after the loss does not hide the others, the latest of them first', async () => {
    const [ada, eve] = [await player('Ada'), await player('Eve')]
    await say(ada, 'private-rid-Bob', 'before')
    await lose()
    await gate.enter(eve, 'Eve')
    world.clock.advance(1_000)
    await say(eve, 'private-rid-Bob', 'after')
    const bob = await player('Bob')
    expect(await talksOf(bob)).toEqual(['private-rid-Eve', 'private-rid-Ada'])
    await backends.storage.chatArchive.forget('private-rid-Ada.rid-Bob')
    // Noted again: the database was asked once.
    expect(await talksOf(bob)).toEqual(['private-rid-Eve', 'private-rid-Ada'])
  })

  it('no more is unread than was said, however often everything is lost', async () => {
    let ada = await player('Ada')
    for (const [index, text] of ['one', 'two', 'three'].entries()) {
      await say(ada, 'private-rid-Bob', text)
      await lose()
      ada = await player('Ada', index + 2)
    }
    const bob = await player('Bob')
    const state = await stateOf(bob, 'private-rid-Ada')
    expect(state?.lastSeq).toBeGreaterThan(20_000)
    expect(state).toMatchObject({ readSeq: 0, unread: 3 })
    expect(await textsOf(bob, 'private-rid-Ada')).toEqual(['one', 'two', 'three'])
  })

  it('an alliance goes on where it was: what is in its channel already is not unread', async () => {
    const ada = await player('Ada')
    const founding = { name: 'Lions', tag: 'LIO' }
    await gate.request(ada, routes.chat.alliance.create, founding)
    const seq = await say(ada, 'alliance', 'before')
    const channel = (await channelsOf(ada)).find(({ kind }) => kind === 'alliance')?.channel ?? ''
    await lose()
    expect(await gate.request(ada, join, { channel: 'alliance' })).toEqual({ channel, lastSeq: seq })
    expect(await stateOf(ada, channel)).toMatchObject({ lastSeq: seq, readSeq: seq, unread: 0 })
    expect(await textsOf(ada, channel)).toContain('before')
  })

  it('while the database is away as well, a list shows what else is known, and the rest afterwards', async () => {
    const ada = await player('Ada')
    await say(ada, 'private-rid-Bob', 'before')
    await lose()
    const [bob, eve] = [await player('Bob'), await player('Eve')]
    await say(eve, 'private-rid-Ada', 'warms up a channel that the database need not be asked for')
    isArchiveAway = true
    expect((await channelsOf(bob)).map(({ kind }) => kind)).toEqual(['world', 'system'])
    await gate.enter(ada, 'Ada')
    expect(await stateOf(ada, 'private-rid-Eve')).toMatchObject({ unread: 1 })
    const channel = 'private-rid-Ada'
    await expect(gate.request(bob, history, { channel })).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    })
    await expect(gate.request(bob, read, { channel, seq: 1 })).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    })
    isArchiveAway = false
    expect(await stateOf(bob, channel)).toMatchObject({ lastSeq: 1, unread: 1 })
    isArchiveAway = true
    expect(await stateOf(bob, channel)).toMatchObject({ lastSeq: 0, unread: 0 })
  })
}

/** An archive that cannot be reached at times. */
function unless(isAway: () => boolean, archive: ChatArchive): ChatArchive {
  return new Proxy(archive, {
    get: (_archive, name) => {
      if (isAway()) return () => Promise.reject(new HydraError('STORAGE_UNAVAILABLE', 'The archive is away.'))
      return Reflect.get(archive, name) as unknown
    },
  })
}
