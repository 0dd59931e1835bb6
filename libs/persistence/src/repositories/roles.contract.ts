import { HydraError } from '@hydra/protocol'
import { systemClock } from '@hydra/runtime'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../database/database.ts'
import { roleDataMaxChars } from '../encode-snapshot.ts'
import type { RoleSnapshot } from '../role-snapshot.ts'
import type { RoleClaim, Roles } from './roles.ts'
import { saveRowsMax } from './save-roles.ts'
import { createAccounts } from './sql-accounts.ts'
import { createRoles } from './sql-roles.ts'

const codes = (tries: readonly PromiseSettledResult<unknown>[]): readonly unknown[] =>
  tries.flatMap((result) => (result.status === 'rejected' ? [codeOf(result.reason)] : []))
const codeOf = (error: unknown): unknown => (error instanceof HydraError ? error.code : error)

const by = (owner: string, epoch: number): RoleClaim => ({ owner, epoch, isGone: () => false })

/** What roles do on every database. */
export function rolesContract(open: () => Promise<Database>): void {
  let database: Database
  let roles: Roles
  let made = 0
  beforeAll(async () => {
    database = await open()
    roles = createRoles(database, { clock: systemClock })
  })

  const role = (fields: Partial<RoleSnapshot> = {}): RoleSnapshot => {
    made += 1
    return {
      rid: `r-${made}`,
      uid: `u-${made}`,
      name: `Name ${made}`,
      level: 3,
      epoch: 1_767_225_600_000_123,
      version: 4,
      schema: 2,
      data: { exp: 12, text: 'Ünï "q" \\ \' 🎲', list: [1, null, true, { deep: [] }], number: 1.5e-7 },
      ...fields,
    }
  }
  const create = async (fields: Partial<RoleSnapshot> = {}) => {
    const created = role(fields)
    await roles.create(created, { maxPerAccount: 100 })
    return created
  }

  describe('create', () => {
    test('a role comes back as it was', async () => {
      const created = await create()
      expect(await roles.find(created.rid)).toEqual(created)
      expect(await roles.find('r-none')).toBeUndefined()
    })

    test('roles of an account are listed in order of rid', async () => {
      const one = await create({ uid: 'u-list' })
      const two = await create({ uid: 'u-list', level: 9 })
      expect(await roles.listByUid('u-list')).toEqual(
        [one, two].map(({ rid, name, level }) => ({ rid, name, level })),
      )
      expect(await roles.listByUid('u-none')).toEqual([])
    })

    test.each([
      ['case', 'Élise', 'éLISE'],
      ['compatibility forms', 'ﬁona １', 'FIONA 1'],
      ['composition', 'Zo\u0065\u0301', 'Zo\u00e9'],
    ])('a name is taken whatever its %s', async (_, first, second) => {
      await create({ name: first })
      const refused = role({ name: second })
      await expect(roles.create(refused, { maxPerAccount: 100 })).rejects.toMatchObject({
        code: 'NAME_TAKEN',
      })
      expect(await roles.find(refused.rid)).toBeUndefined()
    })

    test('the limit of an account holds, also for many at once', async () => {
      const uid = 'u-limit'
      await createAccounts(database).create({ uid, username: 'limit', passwordHash: 'x', createdAtMs: 1 })
      const tries = await Promise.allSettled(
        Array.from({ length: 12 }, () => roles.create(role({ uid }), { maxPerAccount: 3 })),
      )
      expect(codes(tries)).toEqual(Array.from({ length: 9 }, () => 'ROLE_LIMIT_REACHED'))
      expect(await roles.listByUid(uid)).toHaveLength(3)
    })

    test('a role that was refused for the limit leaves its name free', async () => {
      const first = await create()
      const refused = role({ uid: first.uid, name: 'Left free' })
      await expect(roles.create(refused, { maxPerAccount: 1 })).rejects.toMatchObject({
        code: 'ROLE_LIMIT_REACHED',
      })
      await create({ name: 'Left free' })
    })

    test('of many that want one name at once exactly one gets it', async () => {
      const tries = await Promise.allSettled(Array.from({ length: 12 }, () => create({ name: 'Race' })))
      expect(codes(tries)).toEqual(Array.from({ length: 11 }, () => 'NAME_TAKEN'))
    })
  })

  describe('names', () => {
    test('a role holds its old and its new name until it keeps only one', async () => {
      const { rid, epoch } = await create({ name: 'Before' })
      await roles.claimName(rid, 'After')
      await roles.claimName(rid, 'aFTER')
      for (const name of ['before', 'AFTER']) {
        await expect(roles.claimName('r-other', name)).rejects.toMatchObject({ code: 'NAME_TAKEN' })
      }
      await roles.keepOnlyName(rid, 'After', epoch)
      await roles.claimName('r-other', 'Before')
      await expect(roles.claimName('r-other', 'After')).rejects.toMatchObject({ code: 'NAME_TAKEN' })
    })

    test('one name of several is freed, whatever its case, but never the one that is kept', async () => {
      const { rid } = await create({ name: 'Kept' })
      await roles.claimName(rid, 'Failed')
      await roles.freeName(rid, 'KEPT', 'Kept')
      await expect(roles.claimName('r-free', 'Kept')).rejects.toMatchObject({ code: 'NAME_TAKEN' })
      await roles.freeName('r-free', 'Failed', 'Other')
      await expect(roles.claimName('r-free', 'Failed')).rejects.toMatchObject({ code: 'NAME_TAKEN' })
      await roles.freeName(rid, 'fAILED', 'Kept')
      await roles.claimName('r-free', 'Failed')
    })

    test('a former owner frees no name that its successor has claimed', async () => {
      const { rid, epoch } = await create({ name: 'Owner' })
      await roles.takeOver(rid, by('game-a', epoch + 1), undefined)
      await roles.claimName(rid, 'Successor')
      await roles.keepOnlyName(rid, 'Owner', epoch)
      await expect(roles.claimName('r-former', 'Successor')).rejects.toMatchObject({ code: 'NAME_TAKEN' })
      await roles.keepOnlyName(rid, 'Owner', epoch + 1)
      await roles.claimName('r-former', 'Successor')
    })

    test('of many that claim one name at once exactly one gets it', async () => {
      const tries = await Promise.allSettled(
        Array.from({ length: 12 }, (_, index) => roles.claimName(`r-claim-${index}`, 'Claimed')),
      )
      expect(codes(tries)).toEqual(Array.from({ length: 11 }, () => 'NAME_TAKEN'))
    })

    test('the longest name in its longest form fits', async () => {
      await roles.claimName('r-long', '\ufdfa'.repeat(16))
    })
  })

  describe('takeOver', () => {
    test('stores the newer of row and journal under the new epoch and refuses the former owner', async () => {
      const row = await create()
      const journalled = { ...row, version: row.version + 1, level: 50, data: { journalled: true } }
      const epoch = row.epoch + 10
      const taken = { ...journalled, epoch }
      expect(await roles.takeOver(row.rid, by('game-a', epoch), journalled)).toEqual(taken)
      expect(await roles.find(row.rid)).toEqual(taken)
      expect(await roles.takeOver(row.rid, by('game-a', epoch), undefined)).toEqual(taken)
      expect(await roles.saveAll([{ ...row, version: 99 }])).toEqual({ fenced: [row.rid] })
      expect(await roles.saveAll([{ ...taken, version: taken.version + 1 }])).toEqual({ fenced: [] })
    })

    test('a row that is newer than the journal wins', async () => {
      const row = await create()
      const stale = { ...row, version: row.version - 1, data: { stale: true } }
      expect(await roles.takeOver(row.rid, by('game-a', row.epoch + 1), stale)).toEqual({
        ...row,
        epoch: row.epoch + 1,
      })
    })

    test('a role that only the journal has is stored, one that nobody has is not found', async () => {
      const lost = role()
      expect(await roles.takeOver(lost.rid, by('game-a', lost.epoch + 1), lost)).toEqual({
        ...lost,
        epoch: lost.epoch + 1,
      })
      expect(await roles.find(lost.rid)).toEqual({ ...lost, epoch: lost.epoch + 1 })
      expect(await roles.takeOver('r-none', by('game-a', 1), undefined)).toBeUndefined()
    })

    test('with an older epoch than the row it is refused', async () => {
      const row = await create()
      await expect(roles.takeOver(row.rid, by('game-a', row.epoch - 1), undefined)).rejects.toMatchObject({
        code: 'ROLE_ELSEWHERE',
      })
      expect(await roles.find(row.rid)).toEqual(row)
    })

    test('one epoch is for one server, also when that has given the role up', async () => {
      const row = await create()
      const taken = await roles.takeOverSaved(row.rid, by('game-a', row.epoch + 5))
      const claim = { ...by('game-b', row.epoch + 5), isGone: () => true }
      const elsewhere = { code: 'ROLE_ELSEWHERE' }
      await expect(roles.takeOver(row.rid, claim, undefined)).rejects.toMatchObject(elsewhere)
      await roles.disown('game-a', [{ rid: row.rid, epoch: row.epoch + 5 }])
      await expect(roles.takeOver(row.rid, claim, undefined)).rejects.toMatchObject(elsewhere)
      expect(await roles.find(row.rid)).toEqual(taken)
    })

    test('beside writes of the former owner nothing that was saved is lost', async () => {
      const row = await create()
      const former = Array.from({ length: 10 }, (_, index) => ({ ...row, version: row.version + 1 + index }))
      const [taken, ...saves] = await Promise.all([
        roles.takeOver(row.rid, by('game-a', row.epoch + 1), undefined),
        ...former.map(async (snapshot) => {
          const { fenced } = await roles.saveAll([snapshot])
          return fenced.length === 0 ? snapshot.version : 0
        }),
      ])
      expect(taken?.version).toBeGreaterThanOrEqual(Math.max(...saves))
      expect(await roles.find(row.rid)).toEqual(taken)
    })

    test('a role that a live server owns is refused and the server named; one that is gone is replaced', async () => {
      const row = await create()
      await roles.takeOver(row.rid, by('game-a', row.epoch + 1), undefined)
      const claim = by('game-b', row.epoch + 2)
      await expect(roles.takeOver(row.rid, claim, { ...row, version: 99 })).rejects.toMatchObject({
        code: 'ROLE_ELSEWHERE',
        metadata: { server: 'game-a' },
      })
      expect(await roles.find(row.rid)).toEqual({ ...row, epoch: row.epoch + 1 })
      const taken = await roles.takeOver(row.rid, { ...claim, isGone: (id) => id === 'game-a' }, undefined)
      expect(taken).toEqual({ ...row, epoch: claim.epoch })
    })

    test('saving leaves the owner alone', async () => {
      const row = await create()
      await roles.takeOver(row.rid, by('game-a', row.epoch + 1), undefined)
      await roles.saveAll([{ ...row, epoch: row.epoch + 1, version: row.version + 1 }])
      await expect(roles.takeOver(row.rid, by('game-b', row.epoch + 2), undefined)).rejects.toMatchObject({
        metadata: { server: 'game-a' },
      })
    })
  })

  describe('takeOverSaved', () => {
    test('takes a role that nobody owns, under an epoch above that of its row', async () => {
      const row = await create()
      expect(await roles.takeOverSaved(row.rid, by('game-a', 1))).toEqual({ ...row, epoch: row.epoch + 1 })
      await roles.disown('game-a', [{ rid: row.rid, epoch: row.epoch + 1 }])
      expect(await roles.takeOverSaved(row.rid, by('game-a', row.epoch + 9))).toEqual({
        ...row,
        epoch: row.epoch + 9,
      })
      expect(await roles.takeOverSaved('r-none', by('game-a', 1))).toBeUndefined()
    })

    test('names a live owner; what one that is gone had unsaved is not passed over', async () => {
      const row = await create()
      await roles.takeOver(row.rid, by('game-a', row.epoch + 1), undefined)
      const claim = by('game-b', 1)
      await expect(roles.takeOverSaved(row.rid, claim)).rejects.toMatchObject({
        code: 'ROLE_ELSEWHERE',
        metadata: { server: 'game-a' },
      })
      await expect(roles.takeOverSaved(row.rid, { ...claim, isGone: () => true })).rejects.toMatchObject({
        code: 'STORAGE_UNAVAILABLE',
      })
    })

    test('its owner itself does not take it either: what that has in the journal would be fenced off', async () => {
      const row = await create()
      await roles.takeOver(row.rid, by('game-a', row.epoch + 1), undefined)
      await expect(roles.takeOverSaved(row.rid, by('game-a', row.epoch + 2))).rejects.toMatchObject({
        code: 'STORAGE_UNAVAILABLE',
      })
      expect(await roles.saveAll([{ ...row, epoch: row.epoch + 1, version: row.version + 1 }])).toEqual({
        fenced: [],
      })
    })

    test('of many servers at once exactly one takes a role', async () => {
      const row = await create()
      const tries = await Promise.allSettled(
        Array.from({ length: 8 }, (_, index) => roles.takeOverSaved(row.rid, by(`game-${index}`, 1))),
      )
      expect(codes(tries)).toEqual(Array.from({ length: 7 }, () => 'ROLE_ELSEWHERE'))
    })
  })

  describe('disown', () => {
    test('frees roles of this owner up to their epoch, and no others', async () => {
      const rows = await Promise.all(Array.from({ length: 4 }, () => create()))
      const owners = ['game-a', 'game-a', 'game-b', 'game-a'] as const
      for (const [index, row] of rows.entries()) {
        await roles.takeOver(row.rid, by(owners[index] ?? '', row.epoch + 5), undefined)
      }
      const given = rows.map(({ rid, epoch }, index) => ({ rid, epoch: epoch + (index === 1 ? 4 : 5) }))
      await roles.disown('game-a', given)
      await roles.disown('game-a', given)
      const tries = await Promise.allSettled(rows.map(({ rid }) => roles.takeOverSaved(rid, by('game-c', 1))))
      expect(tries.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
      await roles.disown('game-a', [])
    })

    test('more roles than one statement holds', async () => {
      const rows = Array.from({ length: 1_200 }, () => role())
      await roles.saveAll(rows)
      await roles.disown('game-a', rows)
    })

    test('owners are found with their roles', async () => {
      const rows = await Promise.all(Array.from({ length: 3 }, () => create()))
      for (const row of rows) await roles.takeOver(row.rid, by('game-found', row.epoch + 1), undefined)
      expect(await roles.owners()).toContain('game-found')
      const page = await roles.ownedBy('game-found', 2)
      expect(page).toHaveLength(2)
      expect(await roles.ownedBy('game-found', 2, page[1]?.rid)).toHaveLength(1)
      const owned = await roles.ownedBy('game-found', 9)
      expect(new Set(owned.map(({ rid }) => rid))).toEqual(new Set(rows.map(({ rid }) => rid)))
      await roles.disown('game-found', owned)
      expect(await roles.owners()).not.toContain('game-found')
    })
  })

  describe('saveAll', () => {
    const save = async (...rows: RoleSnapshot[]) => (await roles.saveAll(rows)).fenced

    test('nothing is nothing', async () => {
      expect(await save()).toEqual([])
    })

    test('newer snapshots replace rows and missing rows are made', async () => {
      const old = await create()
      const newer = { ...old, name: 'Renamed', level: 99, version: 5, schema: 3, data: { other: [] } }
      const missing = role()
      expect(await save(newer, missing)).toEqual([])
      expect(await roles.find(old.rid)).toEqual(newer)
      expect(await roles.find(missing.rid)).toEqual(missing)
    })

    test.each([
      ['a smaller version is no refusal', 0, -1, false],
      ['a smaller epoch with a larger version is fenced off', -1, 50, true],
    ])('%s, and changes nothing', async (_, epochBy, versionBy, isFenced) => {
      const stored = await create()
      const stale = {
        ...stored,
        epoch: stored.epoch + epochBy,
        version: stored.version + versionBy,
        name: 'Stale',
        level: 1,
        data: { stale: true },
      }
      const fresh = role()
      expect(await save(fresh, stale)).toEqual(isFenced ? [stored.rid] : [])
      expect(await roles.find(stored.rid)).toEqual(stored)
      expect(await roles.find(fresh.rid)).toEqual(fresh)
    })

    test('one that is fenced off among many that are replaced is found', async () => {
      const stored = await Promise.all(Array.from({ length: 5 }, () => create()))
      const rows = stored.map((row, index) => ({
        ...row,
        version: row.version + 1,
        epoch: row.epoch - (index === 3 ? 1 : 0),
      }))
      expect(await save(...rows)).toEqual([stored[3]?.rid])
      expect(await save(...stored.map((row) => ({ ...row, version: row.version + 2 })))).toEqual([])
      for (const { rid, version } of stored)
        expect(await roles.find(rid)).toMatchObject({ version: version + 2 })
    })

    test('content that would mean something to SQL stays content', async () => {
      const nasty = `'); drop table roles; -- \\' ? "`
      const stored = await create()
      const newer = {
        ...stored,
        version: stored.version + 1,
        name: nasty.slice(0, 16),
        data: { nasty, [nasty]: 1 },
      }
      expect(await save(newer)).toEqual([])
      expect(await roles.find(stored.rid)).toEqual(newer)
    })

    test('a larger epoch wins with a smaller version', async () => {
      const stored = await create()
      const taken = { ...stored, epoch: stored.epoch + 1, version: 1, level: 5, data: { taken: true } }
      expect(await save(taken)).toEqual([])
      expect(await roles.find(stored.rid)).toEqual(taken)
      expect(await save({ ...stored, version: 99 })).toEqual([stored.rid])
      expect(await roles.find(stored.rid)).toEqual(taken)
    })

    test('saving the same again is neither fenced nor a change', async () => {
      const stored = await create()
      expect(await save({ ...stored, level: 77 })).toEqual([])
      expect(await roles.find(stored.rid)).toEqual(stored)
    })

    test('more rows than one statement holds', async () => {
      const rows = Array.from({ length: saveRowsMax + 7 }, () => role())
      expect(await save(...rows)).toEqual([])
      expect(await roles.find(rows[0]?.rid ?? '')).toEqual(rows[0])
      expect(await roles.find(rows.at(-1)?.rid ?? '')).toEqual(rows.at(-1))
    })

    test('large rows are spread over statements', async () => {
      const text = 'ü'.repeat(roleDataMaxChars - 100)
      const rows = Array.from({ length: 12 }, () => role({ data: { text } }))
      expect(await save(...rows)).toEqual([])
      expect(await roles.find(rows[11]?.rid ?? '')).toEqual(rows[11])
    })

    test.each([
      ['no number as a level', { level: Number.NaN }],
      ['too much data', { data: { text: 'x'.repeat(roleDataMaxChars) } }],
    ])('a row with %s is refused as such, not as an unavailable database', async (_, fields) => {
      const refused = await roles.saveAll([role(fields)]).then(
        () => undefined,
        (error: unknown) => error,
      )
      expect(refused).toMatchObject({ code: expect.stringMatching(/^(INTERNAL|PAYLOAD_TOO_LARGE)$/) })
    })

    test('two writers of the same rows at once: the newest version stays', async () => {
      const rows = await Promise.all(Array.from({ length: 30 }, () => create()))
      const at = (version: number) => rows.map((row) => ({ ...row, version, data: { version } }))
      await Promise.all(Array.from({ length: 20 }, (_, index) => roles.saveAll(at(10 + ((index * 7) % 20)))))
      for (const { rid } of rows)
        expect(await roles.find(rid)).toMatchObject({ version: 29, data: { version: 29 } })
    })
  })
}
