import { HydraError } from '@hydra/protocol'
import { silentLogger, systemClock } from '@hydra/runtime'
import { testBackends, uniqueName } from '@hydra/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrate } from '../migrations/migrate.ts'
import type { Roles } from '../repositories/roles.ts'
import { createRoles } from '../repositories/sql-roles.ts'
import type { RoleSnapshot } from '../role-snapshot.ts'
import type { RoleJournal } from '../stores/role-journal.ts'
import { FlakyCalls } from '../test-support/flaky.ts'
import { testDatabases, type TestDatabase } from '../test-support/test-databases.ts'
import { testStores, type TestStores } from '../test-support/test-stores.ts'
import { createRoleOwnership } from './create-role-ownership.ts'
import type { OwnedRole, RoleOwnership } from './role-ownership.ts'

const databases = testDatabases({ ...testBackends(), uniqueName })
/** Memory with SQLite, and Redis with MySQL. */
const pairs = testStores({ ...testBackends(), uniqueName }).flatMap((stores, index) => {
  const database = databases[index]
  return database === undefined ? [] : [{ name: `${stores.driver} and ${database.kind}`, stores, database }]
})

interface Server {
  readonly id: string
  readonly ownership: RoleOwnership
  /** Its way to the journal, which may be down for it alone. */
  readonly network: FlakyCalls
}

describe.each(pairs)('ownership in $name', (pair) => {
  let opened: TestStores
  let database: TestDatabase
  let journal: RoleJournal
  let roles: Roles
  let alive: Set<string>
  let one: Server
  let two: Server

  beforeEach(async () => {
    opened = await pair.stores.open()
    database = await pair.database.create()
    journal = opened.stores.roleJournal
    const connected = database.open()
    await migrate(connected)
    roles = createRoles(connected, { clock: systemClock })
    alive = new Set(['game-1', 'game-2'])
    one = server('game-1')
    two = server('game-2')
    await roles.create(created, { maxPerAccount: 8 })
  })
  afterEach(async () => {
    await opened.close()
    await database.drop()
  })

  const server = (id: string): Server => {
    const network = new FlakyCalls()
    network.mode = 'up'
    const ownership = createRoleOwnership({
      owner: id,
      journal: network.wrap('journal', journal),
      roles,
      isGone: (other) => !alive.has(other),
      clock: systemClock,
      log: silentLogger,
    })
    return { id, ownership, network }
  }
  const created: RoleSnapshot = {
    rid: 'r-1',
    uid: 'u-1',
    name: 'Ada',
    level: 1,
    epoch: 0,
    version: 0,
    schema: 1,
    data: { n: 0 },
  }
  const take = async ({ ownership }: Server): Promise<OwnedRole> => {
    const row = await roles.find('r-1')
    const owned = await ownership.take({ rid: 'r-1', epoch: row?.epoch ?? 0 })
    if (owned === undefined) throw new Error('no such role')
    return owned
  }
  const change = ({ snapshot }: OwnedRole): RoleSnapshot => ({
    ...snapshot,
    version: snapshot.version + 1,
    data: { n: snapshot.version + 1 },
  })
  const release = ({ ownership }: Server, { snapshot, journalled }: OwnedRole) =>
    ownership.release({ ...snapshot, journalled })
  const heldOf = ({ snapshot: { rid, epoch }, journalled }: OwnedRole) => ({ rid, epoch, journalled })
  const elsewhere = (id: string) => ({ code: 'ROLE_ELSEWHERE', metadata: { server: id } })

  test('a role is taken, refused to others by name, given up, and taken by another', async () => {
    const owned = await take(one)
    expect(owned).toMatchObject({ journalled: true, snapshot: { ...created, epoch: expect.any(Number) } })
    await expect(take(two)).rejects.toMatchObject(elsewhere('game-1'))
    await release(one, owned)
    await release(one, owned)
    expect(await journal.owners()).toEqual([])
    expect((await take(two)).snapshot.epoch).toBeGreaterThan(owned.snapshot.epoch)
    await expect(release(one, owned)).rejects.toMatchObject({ code: 'ROLE_ELSEWHERE' })
  })

  test('a role that does not exist leaves nothing behind', async () => {
    expect(await one.ownership.take({ rid: 'r-none', epoch: 0 })).toBeUndefined()
    expect(await journal.owners()).toEqual([])
  })

  test('what a server that is gone left in the journal is taken over and settled', async () => {
    const changed = change(await take(one))
    await journal.append([changed])
    alive.delete('game-1')
    const { snapshot } = await take(two)
    expect(snapshot).toEqual({ ...changed, epoch: snapshot.epoch })
    expect(await journal.read('r-1')).toBeUndefined()
    expect(await journal.append([{ ...changed, version: 9 }])).toEqual({ fenced: ['r-1'] })
    expect(await roles.saveAll([{ ...changed, version: 9 }])).toEqual({ fenced: ['r-1'] })
  })

  test('a loss of the journal does not take a role from a server that lives', async () => {
    const owned = await take(one)
    journal = (await opened.lose()).roleJournal
    one = server('game-1')
    two = server('game-2')
    await expect(take(two)).rejects.toMatchObject(elsewhere('game-1'))
    expect(await journal.owners()).toEqual([])
    expect(await one.ownership.renew([heldOf(owned)])).toEqual(['r-1'])
    const again = await take(one)
    expect(again.snapshot.epoch).toBeGreaterThan(owned.snapshot.epoch)
    expect(await one.ownership.renew([heldOf(again)])).toEqual([])
  })

  test('a renewal tells what another server has taken, and what this one has taken anew', async () => {
    const held = heldOf(await take(one))
    expect(await one.ownership.renew([held])).toEqual([])
    expect(await one.ownership.renew([{ ...held, journalled: false }])).toEqual(['r-1'])
    await take(one)
    expect(await one.ownership.renew([held])).toEqual(['r-1'])
    alive.delete('game-1')
    const taken = await take(two)
    expect(await one.ownership.renew([held])).toEqual(['r-1'])
    const many = Array.from({ length: 1_100 }, (_, index) => ({
      rid: `x-${index}`,
      epoch: 1,
      journalled: true,
    }))
    expect(await two.ownership.renew([heldOf(taken), ...many])).toEqual(many.map(({ rid }) => rid))
  })

  test('a role that is refused leaves nothing in the way of its owner, although the journal had a saved entry', async () => {
    const changed = change(await take(two))
    await journal.append([changed])
    await roles.saveAll([changed])
    // Taken for gone once, which it was not.
    alive.delete('game-2')
    await journal.acquire('r-1', 'game-1', { replaces: 'game-2' })
    alive.add('game-2')
    await expect(take(one)).rejects.toMatchObject(elsewhere('game-2'))
    expect(await journal.owners()).toEqual([])
    expect((await take(two)).snapshot).toMatchObject({ version: 1, data: { n: 1 } })
  })

  test('a role that is refused goes on where it is, although the journal has lost sight of its owner', async () => {
    const changed = change(await take(two))
    journal = (await opened.lose()).roleJournal
    one = server('game-1')
    two = server('game-2')
    await journal.append([changed])
    await expect(take(one)).rejects.toMatchObject(elsewhere('game-2'))
    expect(await journal.owners()).toEqual([])
    expect(await roles.find('r-1')).toEqual(changed)
    expect(await journal.append([{ ...changed, version: 2 }])).toEqual({ fenced: [] })
    expect((await take(two)).snapshot).toMatchObject({ version: 2, data: { n: 1 } })
  })

  describe('while the journal is away', () => {
    test('a role that was given up in good order is taken by its row, for one server only', async () => {
      await release(two, await take(two))
      one.network.mode = 'down'
      const owned = await take(one)
      expect(owned.journalled).toBe(false)
      // The journal is there for the other one, and knows of no owner.
      await expect(take(two)).rejects.toMatchObject(elsewhere('game-1'))
      expect(await roles.saveAll([change(owned)])).toEqual({ fenced: [] })
      one.network.mode = 'up'
      const again = await take(one)
      expect(again).toMatchObject({ journalled: true, snapshot: { version: 1 } })
      expect(again.snapshot.epoch).toBeGreaterThan(owned.snapshot.epoch)
      await expect(take(two)).rejects.toMatchObject(elsewhere('game-1'))
    })

    test('what it did before its answer was lost is undone', async () => {
      one.network.mode = 'held'
      const taking = take(one)
      await expect.poll(() => one.network.waiting).toBe(1)
      await one.network.decide(0, 'lose-answer')
      const owned = await taking
      expect(owned.journalled).toBe(false)
      expect(await journal.ownersOf(['r-1'])).toMatchObject([{ owner: 'game-1' }])
      one.network.mode = 'up'
      await release(one, owned)
      expect(await journal.owners()).toEqual([])
    })

    test('its owner does not take it by its row: the journal may have changes that the row does not', async () => {
      const changed = change(await take(one))
      await journal.append([changed])
      one.network.mode = 'down'
      await expect(take(one)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
      one.network.mode = 'up'
      expect((await take(one)).snapshot).toMatchObject({ version: 1, data: { n: 1 } })
    })

    test('it can be given up without the journal', async () => {
      one.network.mode = 'down'
      const owned = await take(one)
      await release(one, owned)
      await take(two)
    })

    test('one that a live server owns is refused by name, one of a dead server until the journal is back', async () => {
      const changed = change(await take(two))
      await journal.append([changed])
      one.network.mode = 'down'
      await expect(take(one)).rejects.toMatchObject(elsewhere('game-2'))
      alive.delete('game-2')
      await expect(take(one)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
      one.network.mode = 'up'
      expect((await take(one)).snapshot).toMatchObject({ version: 1, data: { n: 1 } })
    })
  })

  test('a role that could not be read is given back', async () => {
    const broken = createRoleOwnership({
      owner: 'game-1',
      journal,
      roles: { ...roles, takeOver: () => Promise.reject(new HydraError('INTERNAL', 'broken')) },
      isGone: () => false,
      clock: systemClock,
      log: silentLogger,
    })
    await expect(broken.take(created)).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(await journal.owners()).toEqual([])
    await take(two)
  })

  test('a role whose retaking fails half-way stays owned, and can be written on', async () => {
    const owned = await take(one)
    const failing = createRoleOwnership({
      owner: 'game-1',
      journal,
      roles: { ...roles, takeOver: () => Promise.reject(new HydraError('STORAGE_UNAVAILABLE', 'away')) },
      isGone: () => false,
      clock: systemClock,
      log: silentLogger,
    })
    await expect(failing.retake(owned.snapshot)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    await expect(take(two)).rejects.toMatchObject(elsewhere('game-1'))
    const changed = change(owned)
    // The journal has given out a newer epoch; the row, which decides, has not.
    expect(await journal.append([changed])).toEqual({ fenced: ['r-1'] })
    expect(await roles.saveAll([changed])).toEqual({ fenced: [] })
    expect(await one.ownership.renew([heldOf(owned)])).toEqual(['r-1'])
    const again = await one.ownership.retake(owned.snapshot)
    expect(again).toMatchObject({ journalled: true, snapshot: { version: 1 } })
  })

  test('thousands are given up in a few statements', async () => {
    const rows = Array.from({ length: 2_000 }, (_, index) => ({ ...created, rid: `m-${index}`, epoch: 5 }))
    await roles.saveAll(rows)
    let statements = 0
    const counted = createRoleOwnership({
      owner: 'game-1',
      journal,
      roles: {
        ...roles,
        disown: async (owner, some) => {
          statements += 1
          await roles.disown(owner, some)
        },
      },
      isGone: () => false,
      clock: systemClock,
      log: silentLogger,
    })
    await Promise.all(rows.map((row) => counted.release({ ...row, journalled: false })))
    expect(statements).toBe(4)
  })
})
