import { createIds, systemClock } from '@hydra/runtime'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Registry, RegistryEvent, ServerRecord } from './registry.ts'

/** Registries of two processes of one cluster. */
export interface RegistryPair {
  readonly ours: Registry
  readonly theirs: Registry
}

const ids = createIds(systemClock)

/** A record to announce. */
export const serverRecord = (change: Partial<ServerRecord> = {}): ServerRecord => ({
  id: ids.next(),
  type: 'game',
  zone: 'eu',
  host: '10.0.0.1',
  state: 'ready',
  metadata: { build: '7' },
  startedAtMs: 1_700_000_000_000,
  protocol: 1,
  ...change,
})

/** Resolves when a registry shows what is asked for, which it may do already. */
export function until(registry: Registry, shows: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (shows()) return resolve()
    const stop = registry.watch(() => {
      if (!shows()) return
      stop()
      resolve()
    })
  })
}

/** What every registry driver promises. `open` is called for each test with a cluster of its own. */
export function registryContract(open: () => Promise<RegistryPair>): void {
  let ours: Registry
  let theirs: Registry

  beforeEach(async () => {
    ;({ ours, theirs } = await open())
  })
  afterEach(async () => {
    await ours.close()
    await theirs.close()
  })

  test('shows an announced server, with every field, to all', async () => {
    const record = serverRecord({ type: 'gate', port: 3250, metadata: { path: '/ws', 'emoji 🐉': 'ü"\\' } })
    await ours.announce(record)
    expect(ours.get(record.id)).toEqual(record)
    await until(theirs, () => theirs.get(record.id) !== undefined)
    expect(theirs.get(record.id)).toEqual(record)
    expect(theirs.list('gate')).toEqual([record])
    expect(theirs.list('game')).toEqual([])
  })

  test('shows a late registry what is there already', async () => {
    const record = serverRecord()
    await ours.announce(record)
    await until(theirs, () => theirs.get(record.id) !== undefined)
    expect(theirs.list('game').map(({ id }) => id)).toEqual([record.id])
  })

  test('lists by type in the order of ids, and the same array until something changes', async () => {
    for (const id of ['c', 'a', 'b']) await ours.announce(serverRecord({ id }))
    await ours.announce(serverRecord({ id: 'chat-1', type: 'chat' }))
    await until(theirs, () => theirs.list('game').length === 3 && theirs.list('chat').length === 1)
    const servers = theirs.list('game')
    expect(servers.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(theirs.list('game')).toBe(servers)
    await ours.announce(serverRecord({ id: 'd' }))
    await until(theirs, () => theirs.get('d') !== undefined)
    expect(theirs.list('game')).not.toBe(servers)
    expect(servers).toHaveLength(3)
  })

  test('tells of joining, changing and leaving, in this order and once each', async () => {
    const events: RegistryEvent[] = []
    theirs.watch((event) => events.push(event))
    const record = serverRecord()
    const announcement = await ours.announce(record)
    await announcement.update({ state: 'draining' })
    await announcement.update({ metadata: { reason: 'upgrade' } })
    await announcement.withdraw()
    const last = { ...record, state: 'draining', metadata: { reason: 'upgrade' } }
    await until(theirs, () => events.some(({ kind }) => kind === 'left'))
    expect(events).toEqual([
      { kind: 'joined', server: record },
      { kind: 'changed', server: { ...record, state: 'draining' } },
      { kind: 'changed', server: last },
      { kind: 'left', server: last },
    ])
    expect(theirs.get(record.id)).toBeUndefined()
    expect(theirs.list('game')).toEqual([])
  })

  test('keeps a draining server listed', async () => {
    const record = serverRecord()
    const announcement = await ours.announce(record)
    await announcement.update({ state: 'draining' })
    await until(theirs, () => theirs.get(record.id)?.state === 'draining')
    expect(theirs.list('game').map(({ state }) => state)).toEqual(['draining'])
  })

  test('a stale withdrawal removes no successor of the same id', async () => {
    const former = await ours.announce(serverRecord({ id: 'game-1', host: 'old' }))
    const successor = await theirs.announce(serverRecord({ id: 'game-1', host: 'new' }))
    await until(ours, () => ours.get('game-1')?.host === 'new')
    await former.withdraw()
    const marker = serverRecord({ id: 'marker' })
    await ours.announce(marker)
    await until(theirs, () => theirs.get('marker') !== undefined)
    expect(theirs.get('game-1')?.host).toBe('new')
    expect(ours.get('game-1')?.host).toBe('new')
    await successor.withdraw()
    await until(ours, () => ours.get('game-1') === undefined)
  })

  test('a stale update takes nothing from a successor of the same id', async () => {
    const former = await ours.announce(serverRecord({ id: 'game-1', host: 'old' }))
    await theirs.announce(serverRecord({ id: 'game-1', host: 'new' }))
    await expect(former.update({ state: 'draining' })).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
    await until(ours, () => ours.get('game-1')?.host === 'new')
    expect(theirs.get('game-1')).toMatchObject({ host: 'new', state: 'ready' })
  })

  test('a withdrawn record cannot be updated; withdrawing twice does nothing', async () => {
    const announcement = await ours.announce(serverRecord())
    await Promise.all([announcement.withdraw(), announcement.withdraw()])
    await announcement.withdraw()
    await expect(announcement.update({ state: 'draining' })).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
  })

  test('stops telling whoever no longer watches, and survives a listener that throws', async () => {
    const told: string[] = []
    theirs.watch(() => {
      throw new Error('a defect in a listener')
    })
    const stop = theirs.watch(({ server }) => told.push(server.id))
    await ours.announce(serverRecord({ id: 'first' }))
    await until(theirs, () => theirs.get('first') !== undefined)
    stop()
    await ours.announce(serverRecord({ id: 'second' }))
    await until(theirs, () => theirs.get('second') !== undefined)
    expect(told).toEqual(['first'])
  })

  test('withdraws everything when it is closed, and nothing of others', async () => {
    await ours.announce(serverRecord({ id: 'ours-1' }))
    await ours.announce(serverRecord({ id: 'ours-2', type: 'chat' }))
    await theirs.announce(serverRecord({ id: 'theirs' }))
    await until(theirs, () => theirs.get('ours-1') !== undefined && theirs.get('ours-2') !== undefined)
    expect(ours.connected).toBe(true)
    await Promise.all([ours.close(), ours.close()])
    expect(ours.connected).toBe(false)
    await until(theirs, () => theirs.get('ours-1') === undefined && theirs.get('ours-2') === undefined)
    expect(theirs.get('theirs')).toBeDefined()
    await expect(ours.announce(serverRecord())).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
  })
}
