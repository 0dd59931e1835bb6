import { HydraError } from '@hydra/protocol'
import { silentLogger, systemClock } from '@hydra/runtime'
import { testBackends, uniqueName } from '@hydra/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../database/database.ts'
import { openDatabase } from '../database/open-database.ts'
import { migrate } from '../migrations/migrate.ts'
import type { Roles } from '../repositories/roles.ts'
import { createRoles } from '../repositories/sql-roles.ts'
import type { RoleSnapshot } from '../role-snapshot.ts'
import type { RoleJournal } from '../stores/role-journal.ts'
import { testStores, type TestStores } from '../test-support/test-stores.ts'
import { recoverRoles } from './recover-roles.ts'

const nothing = { orphaned: 0, saved: 0, obsolete: 0, refused: 0, freed: 0 }

describe.each(testStores({ ...testBackends(), uniqueName }))('recovery from $driver', ({ open }) => {
  let opened: TestStores
  let journal: RoleJournal
  let database: Database
  let roles: Roles
  beforeEach(async () => {
    opened = await open()
    journal = opened.stores.roleJournal
    database = openDatabase({ kind: 'sqlite', file: ':memory:' }, { clock: systemClock })
    await migrate(database)
    roles = createRoles(database, { clock: systemClock })
  })
  afterEach(async () => {
    await opened.close()
    await database.close()
  })

  /** A role that `owner` has changed and not saved. */
  const leaveUnsaved = async (rid: string, owner: string, fields: Partial<RoleSnapshot> = {}) => {
    const acquired = await journal.acquire(rid, owner)
    if (!acquired.owned) throw new Error(`${rid} belongs to ${acquired.owner}`)
    const { epoch } = acquired
    const snapshot = {
      rid,
      uid: 'u',
      name: rid,
      level: 1,
      epoch,
      version: 5,
      schema: 1,
      data: { rid },
      ...fields,
    }
    await journal.append([snapshot])
    return snapshot
  }
  const recover = (
    options: { batchMax?: number; alive?: readonly string[]; owner?: string; journal?: RoleJournal } = {},
  ) =>
    recoverRoles({
      owner: options.owner ?? 'game-self',
      journal: options.journal ?? journal,
      roles,
      isGone: (owner) => options.alive?.includes(owner) !== true,
      log: silentLogger,
      ...(options.batchMax === undefined ? {} : { batchMax: options.batchMax }),
    })

  test('nothing to do', async () => {
    expect(await recover()).toEqual(nothing)
  })

  test('roles of servers that are gone are saved and free, those of others are left alone', async () => {
    const orphans = [await leaveUnsaved('r-1', 'game-dead'), await leaveUnsaved('r-3', 'game-dead')]
    const alive = await leaveUnsaved('r-2', 'game-alive')
    expect(await recover({ alive: ['game-alive'] })).toEqual({ ...nothing, orphaned: 2, saved: 2, freed: 2 })
    for (const orphan of orphans) expect(await roles.find(orphan.rid)).toEqual(orphan)
    expect(await roles.find('r-2')).toBeUndefined()
    expect(await journal.unsaved(10)).toEqual([{ rid: 'r-2', owner: 'game-alive' }])
    expect(await journal.acquire('r-1', 'game-alive')).toMatchObject({ owned: true, snapshot: undefined })
    expect(await journal.append([{ ...alive, version: 6 }])).toEqual({ fenced: [] })
  })

  test('roles whose owner the store has forgotten are saved too', async () => {
    const snapshot = await leaveUnsaved('r-1', 'game-dead')
    journal = (await opened.lose()).roleJournal
    await journal.append([snapshot])
    expect(await recover({ alive: ['game-dead'] })).toEqual({ ...nothing, orphaned: 1, saved: 1 })
    expect(await roles.find('r-1')).toEqual(snapshot)
  })

  test('a row that is newer than the journal stays', async () => {
    const snapshot = await leaveUnsaved('r-1', 'game-dead')
    const newer = { ...snapshot, epoch: snapshot.epoch + 1, data: { newer: true } }
    await roles.saveAll([newer])
    expect(await recover()).toEqual({ ...nothing, orphaned: 1, obsolete: 1, freed: 1 })
    expect(await roles.find('r-1')).toEqual(newer)
    expect(await journal.unsaved(10)).toEqual([])
  })

  test('a role that is taken over meanwhile stays with its new owner', async () => {
    const snapshot = await leaveUnsaved('r-1', 'game-dead')
    let taken = await journal.acquire('r-1', 'game-dead')
    const overtaken: RoleJournal = {
      ...journal,
      async read(rid) {
        taken = await journal.acquire(rid, 'game-new', { replaces: 'game-dead' })
        return journal.read(rid)
      },
    }
    expect(await recover({ alive: ['game-new'], journal: overtaken })).toEqual({
      ...nothing,
      orphaned: 1,
      saved: 1,
    })
    expect(await journal.acquire('r-1', 'game-other')).toEqual({ owned: false, owner: 'game-new' })
    const epoch = taken.owned ? taken.epoch : 0
    expect(await journal.append([{ ...snapshot, epoch, version: 6 }])).toEqual({ fenced: [] })
  })

  test('many roles, beside others that live: of several servers at once, one does it', async () => {
    const rids = Array.from({ length: 25 }, (_, index) => `r-${String(index).padStart(2, '0')}`)
    for (const [index, rid] of rids.entries()) {
      await leaveUnsaved(rid, index % 3 === 0 ? 'game-alive' : 'game-dead')
    }
    const alive = ['game-alive', 'game-1', 'game-2', 'game-3']
    const found = await Promise.all(
      ['game-1', 'game-2', 'game-3'].map((owner) => recover({ owner, alive, batchMax: 4 })),
    )
    expect(found).toEqual([{ ...nothing, orphaned: 16, saved: 16, freed: 16 }, undefined, undefined])
    expect(await recover({ owner: 'game-2', alive })).toEqual(nothing)
    const left = await journal.unsaved(100)
    expect(left.map(({ rid }) => rid)).toEqual(rids.filter((_, index) => index % 3 === 0))
    expect(await roles.listByUid('u')).toHaveLength(16)
  })

  test('a role that the database refuses stays in the journal and holds up nobody', async () => {
    await leaveUnsaved('r-1', 'game-dead')
    const poison = await leaveUnsaved('r-2', 'game-dead', { level: 1e300 })
    await leaveUnsaved('r-3', 'game-dead')
    const refusing = {
      async saveAll(batch: readonly RoleSnapshot[]) {
        if (batch.some(({ level }) => level === 1e300)) throw new HydraError('INTERNAL', 'out of range')
        return roles.saveAll(batch)
      },
    }
    const counts = await recoverRoles({
      owner: 'game-self',
      journal,
      roles: { ...roles, ...refusing },
      isGone: () => true,
      log: silentLogger,
    })
    expect(counts).toEqual({ orphaned: 3, saved: 2, obsolete: 0, refused: 1, freed: 2 })
    expect(await journal.read('r-2')).toEqual(poison)
  })

  test('roles without unsaved changes are freed too, in journal and row', async () => {
    const snapshot = await leaveUnsaved('r-1', 'game-dead')
    const claim = { owner: 'game-dead', epoch: snapshot.epoch, isGone: () => false }
    await roles.takeOver('r-1', claim, snapshot)
    await journal.settle([snapshot])
    await leaveUnsaved('r-2', 'game-alive')
    expect(await recover({ alive: ['game-alive'] })).toEqual({ ...nothing, freed: 1 })
    expect(await journal.ownersOf(['r-1', 'r-2'])).toMatchObject([undefined, { owner: 'game-alive' }])
    expect(await journal.owners()).toEqual(['game-alive'])
    // Nothing but the row is needed to take it now.
    expect(
      await roles.takeOverSaved('r-1', { owner: 'game-new', epoch: 1, isGone: () => true }),
    ).toMatchObject({
      rid: 'r-1',
      epoch: snapshot.epoch + 1,
    })
  })

  test('roles that only their row knows an owner of are freed as well', async () => {
    const acquired = await journal.acquire('r-1', 'game-dead')
    await roles.saveAll([
      { rid: 'r-1', uid: 'u', name: 'r-1', level: 1, epoch: 1, version: 1, schema: 1, data: {} },
    ])
    const epoch = acquired.owned ? acquired.epoch : 0
    await roles.takeOver('r-1', { owner: 'game-dead', epoch, isGone: () => false }, undefined)
    journal = (await opened.lose()).roleJournal
    expect(await recover({ alive: ['game-dead'] })).toEqual(nothing)
    expect(await roles.owners()).toEqual(['game-dead'])
    expect(await recover()).toEqual(nothing)
    expect(await roles.owners()).toEqual([])
  })

  test('a row whose role the journal has more of stays as it is', async () => {
    const snapshot = await leaveUnsaved('r-1', 'game-dead')
    const claim = { owner: 'game-dead', epoch: snapshot.epoch, isGone: () => false }
    await roles.saveAll([{ ...snapshot, epoch: 0, version: 1 }])
    await roles.takeOver('r-1', claim, undefined)
    // Another server is about to take it, and has not read the row yet.
    await journal.acquire('r-1', 'game-alive', { replaces: 'game-dead' })
    expect(await recover({ alive: ['game-alive'] })).toEqual(nothing)
    expect(await roles.owners()).toEqual(['game-dead'])
  })

  test('a server that died while it recovered is replaced, one that lives is waited for', async () => {
    const snapshot = await leaveUnsaved('r-1', 'game-dead')
    expect(await journal.claimRecovery('game-first')).toBe('game-first')
    expect(await recover({ alive: ['game-first'] })).toBeUndefined()
    expect(await journal.read('r-1')).toEqual(snapshot)
    expect(await recover()).toEqual({ ...nothing, orphaned: 1, saved: 1, freed: 1 })
    expect(await journal.claimRecovery('game-next')).toBe('game-next')
  })

  test('a server that the others have lost sight of leaves its own roles alone', async () => {
    const snapshot = await leaveUnsaved('r-1', 'game-self')
    expect(await recover()).toEqual(nothing)
    expect(await journal.append([{ ...snapshot, version: 6 }])).toEqual({ fenced: [] })
  })

  test('while the database is away nothing changes, and others may try', async () => {
    const snapshot = await leaveUnsaved('r-1', 'game-dead')
    await database.close()
    await expect(recover()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    expect(await journal.read('r-1')).toEqual(snapshot)
    expect(await journal.claimRecovery('game-next')).toBe('game-next')
  })
})
